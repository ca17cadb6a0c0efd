using CsvHelper;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>CSV with the header <c>text,intent</c>; other columns are refused, since a misspelt one would be lost.</summary>
internal static class CsvExamples
{
    private static readonly CsvReaderOptions _options = new() { Separator = ',', TrackLineNumbers = true, MalformedData = CsvMalformedDataHandling.Throw };

    public static void Read(string file, TrainingDataReader into)
    {
        using var csv = CsvReader.FromFile(file, _options, FileOptions.SequentialScan);
        try
        {
            csv.ReadHeader();
            if (!csv.TryGetFieldIndex("text", out var text) || !csv.TryGetFieldIndex("intent", out var intent))
            {
                into.Error(new TrainingLocation(file, 1), "The first line must be the header 'text,intent', with a comma between the columns.");
                return;
            }

            foreach (var unknown in csv.Headers.Where(h => h is not ("text" or "intent")))
            {
                into.Error(new TrainingLocation(file, 1), $"Column '{unknown}' is unknown; the columns are 'text' and 'intent'.");
            }

            while (csv.Read())
            {
                Add(csv, text, intent, new TrainingLocation(file, (int)csv.LineNumber), into);
            }
        }
        catch (CsvFormatException e)
        {
            into.Error(new TrainingLocation(file, (int)Math.Max(1, e.LineNumber)), $"Not valid CSV: put a text that holds a comma or a quote into double quotes, and double the quotes inside. ({e.Message})");
        }
    }

    private static void Add(CsvReader csv, int textColumn, int intentColumn, TrainingLocation location, TrainingDataReader into)
    {
        if (csv.FieldCount != csv.Headers.Count)
        {
            into.Error(location, $"The line has {csv.FieldCount} columns, the header {csv.Headers.Count}. Put a text that holds a comma into double quotes.");
            return;
        }

        var text = csv.GetString(textColumn).Trim();
        var intent = csv.GetString(intentColumn).Trim();
        if (text.Length == 0 || intent.Length == 0)
        {
            into.Error(location, $"The {(text.Length == 0 ? "text" : "intent")} is empty.");
            return;
        }

        into.Add(new TrainingExample(text, intent, [], location));
    }
}
