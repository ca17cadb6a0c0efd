using System.Collections.ObjectModel;
using System.ComponentModel;
using System.Globalization;

namespace IntentRouter.Adapters.Local;

/// <summary>The keys of an entry with <c>adapter: local</c>.</summary>
internal sealed class LocalOptions
{
    /// <summary>The training data: a file, a folder, or a list of them; Rasa NLU YAML or CSV.</summary>
    public PathList Training { get; set; } = [];

    /// <summary>The language of the training data, BCP 47.</summary>
    public string Language { get; set; } = "en";

    /// <summary>The sentence encoder; left out, <c>use-lite</c> for English and none for other languages.</summary>
    public string? Embedding { get; set; }

    /// <summary>Whether a trained model is kept on disk for the next start.</summary>
    public bool Cache { get; set; } = true;

    /// <summary>Whether a changed file is noticed and trained in the background.</summary>
    public bool Watch { get; set; } = true;

    public bool UsesEncoder => Embedding is null ? IsEnglish : Embedding == "use-lite";

    public bool IsEnglish => Language.Split('-')[0].Equals("en", StringComparison.OrdinalIgnoreCase);

    public static string? Problem(LocalOptions o)
    {
        if (o.Training.Count == 0)
        {
            return "training: is missing; name a file or folder with Rasa NLU YAML or CSV, for example training: nlu/shop.yaml.";
        }

        if (o.Embedding is not (null or "use-lite" or "none"))
        {
            return $"embedding: '{o.Embedding}' is unknown; use 'use-lite' (English) or 'none'.";
        }

        if (o.Embedding == "use-lite" && !o.IsEnglish)
        {
            return $"embedding: 'use-lite' understands English only, and language is '{o.Language}'; use 'none' or leave it out.";
        }

        return o.Language.Length == 0 ? "language: is empty; give a BCP 47 tag, for example en." : null;
    }
}

/// <summary>One path or several: <c>training: a.yaml</c> or a list.</summary>
[TypeConverter(typeof(Converter))]
internal sealed class PathList : Collection<string>
{
    private sealed class Converter : TypeConverter
    {
        public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

        public override object ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
            new PathList { (string)value };
    }
}
