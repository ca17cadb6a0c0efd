using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntentRouter.Fulfillment;

/// <summary>Reads rows into JSON within bounds.</summary>
internal static class SqlRows
{
    /// <summary>At most <paramref name="maxRows"/> rows, or null when they are larger than <paramref name="maxSize"/> bytes together.</summary>
    public static async Task<List<JsonObject>?> ReadAsync(DbDataReader reader, SqlDialect dialect, int maxRows, int maxSize, CancellationToken cancellationToken)
    {
        var rows = new List<JsonObject>();
        long size = 0;
        while (rows.Count < maxRows && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var row = new JsonObject();
            for (var i = 0; i < reader.FieldCount; i++)
            {
                var value = reader.GetValue(i);
                size += value is string text ? 2L * text.Length : value is byte[] bytes ? bytes.Length : 16;
                if (size > maxSize)
                {
                    return null;
                }

                row[NameOf(reader, i)] = Json(value, dialect.IsJson(reader.GetDataTypeName(i)));
            }

            rows.Add(row);
        }

        return rows;
    }

    private static string NameOf(DbDataReader reader, int column) =>
        reader.GetName(column) is { Length: > 0 } name ? name : string.Create(CultureInfo.InvariantCulture, $"column{column + 1}");

    private static JsonNode? Json(object value, bool isJson) => value switch
    {
        DBNull => null,
        string text => isJson ? Parsed(text) : JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        byte or sbyte or short or ushort or int or uint or long => JsonValue.Create(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        ulong or decimal => JsonValue.Create(Convert.ToDecimal(value, CultureInfo.InvariantCulture)),
        float or double => Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) ? JsonValue.Create(number) : null,
        DateTime { TimeOfDay.Ticks: 0 } date => JsonValue.Create(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        DateTime time => JsonValue.Create(time.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture)),
        DateTimeOffset time => JsonValue.Create(time.ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture)),
        DateOnly date => JsonValue.Create(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)),
        TimeOnly time => JsonValue.Create(time.ToString("HH:mm:ss", CultureInfo.InvariantCulture)),
        // Nothing that a text could show.
        byte[] => null,
        Array values => new JsonArray([.. values.Cast<object?>().Select(v => v is null ? null : Json(v, false))]),
        IFormattable formattable => JsonValue.Create(formattable.ToString(null, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(value.ToString()),
    };

    private static JsonNode? Parsed(string text)
    {
        try
        {
            return JsonNode.Parse(text, documentOptions: HttpRows.Strict);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
