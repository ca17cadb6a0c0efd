using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IntentRouter.Fulfillment;

/// <summary>
/// A request whose address, headers and body hold values of a conversation. A value can change none of: scheme, host, number of path segments,
/// number of query parameters, number of headers, shape of the JSON.
/// </summary>
internal sealed partial class HttpRequestTemplate
{
    private static readonly HashSet<string> _own = new(StringComparer.OrdinalIgnoreCase) { "Host", "Content-Length", "Transfer-Encoding", "Connection", "Content-Type", "Upgrade", "TE", "Trailer" };
    private readonly HttpMethod _method;
    private readonly ValueTemplate _path;
    private readonly ValueTemplate? _query;
    private readonly List<(string Name, ValueTemplate Value)> _headers = [];
    private readonly Leaf? _body;

    /// <exception cref="FormatException">A template cannot be read; the message begins with the key.</exception>
    public HttpRequestTemplate(string method, string url, IReadOnlyDictionary<string, string> headers, JsonNode? body)
    {
        _method = HttpMethod.Parse(method.ToUpperInvariant());
        var question = QuestionMark(url);
        _path = Parsed("url", question < 0 ? url : url[..question], ValueSink.UrlPath);
        _query = question < 0 ? null : Parsed("url", url[question..], ValueSink.UrlQuery);
        foreach (var (name, value) in headers)
        {
            if (!HeaderName().IsMatch(name) || _own.Contains(name))
            {
                throw new FormatException($"headers:{name}: the header cannot be set.");
            }

            _headers.Add((name, Parsed($"headers:{name}", value, ValueSink.Header)));
        }

        _body = body is null ? null : Leaf.Of(body, "body");
    }

    public IEnumerable<string> Variables =>
        _path.Variables.Concat(_query?.Variables ?? []).Concat(_headers.SelectMany(h => h.Value.Variables)).Concat(_body?.Variables ?? []).Distinct();

    /// <summary>The request, or null when a value cannot stand where the template puts it (an empty path segment, a dot segment).</summary>
    /// <param name="added">Members that are added to the body, or to the headers when their name begins with a colon.</param>
    public HttpRequestMessage? Build(IReadOnlyDictionary<string, string> values, IEnumerable<KeyValuePair<string, string>>? added = null)
    {
        const int LongestAddress = 8_000;
        if (_path.Render(values) is not { } path || (_query is null ? "" : _query.Render(values)) is not { } query || HasDotSegment(path)
            || path.Length + query.Length > LongestAddress || !Uri.TryCreate(path + query, UriKind.Absolute, out var address))
        {
            return null;
        }

        var isWhole = true;
        var body = _body?.Render(values, ref isWhole);
        if (!isWhole)
        {
            return null;
        }

        var request = new HttpRequestMessage(_method, address);
        foreach (var (name, template) in _headers)
        {
            if (template.Render(values) is not { } value)
            {
                request.Dispose();
                return null;
            }

            request.Headers.TryAddWithoutValidation(name, value);
        }

        foreach (var (place, value) in added ?? [])
        {
            if (place.StartsWith(':'))
            {
                request.Headers.TryAddWithoutValidation(place[1..], value);
            }
            else
            {
                body ??= new JsonObject();
                Put(body.AsObject(), place.Split('.'), value);
            }
        }

        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        return request;
    }

    private static void Put(JsonObject body, ReadOnlySpan<string> path, string value)
    {
        for (; path.Length > 1; path = path[1..])
        {
            if (body[path[0]] is not JsonObject next)
            {
                body[path[0]] = next = [];
            }

            body = next;
        }

        body[path[0]] = value;
    }

    // Only what the template itself wrote may hold a question mark that begins the query.
    private static int QuestionMark(string url)
    {
        var inside = 0;
        for (var i = 0; i < url.Length; i++)
        {
            inside += url[i] == '{' ? 1 : url[i] == '}' ? -1 : 0;
            if (url[i] == '?' && inside == 0)
            {
                return i;
            }
        }

        return -1;
    }

    // Uri would resolve them, and so climb to another resource.
    private static bool HasDotSegment(string path) =>
        path.Split('/').Any(s => Uri.UnescapeDataString(s) is "." or "..");

    private static ValueTemplate Parsed(string key, string text, ValueSink sink)
    {
        try
        {
            return ValueTemplate.Parse(text, sink);
        }
        catch (FormatException ex)
        {
            throw new FormatException($"{key}: {ex.Message}", ex);
        }
    }

    [GeneratedRegex("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    private static partial Regex HeaderName();

    /// <summary>A node of the body: strings are templates, everything else stands for itself.</summary>
    private sealed partial class Leaf
    {
        private readonly List<(string Name, Leaf Value)>? _members;
        private readonly List<Leaf>? _items;
        private readonly JsonNode? _fixed;
        private readonly ValueTemplate? _text;
        private readonly string? _type;

        private Leaf(List<(string, Leaf)>? members, List<Leaf>? items, JsonNode? @fixed, ValueTemplate? text, string? type)
        {
            (_members, _items, _fixed, _text, _type) = (members, items, @fixed, text, type);
        }

        public IEnumerable<string> Variables =>
            _members?.SelectMany(m => m.Value.Variables) ?? _items?.SelectMany(i => i.Variables) ?? _text?.Variables ?? [];

        public static Leaf Of(JsonNode? node, string key)
        {
            switch (node)
            {
                case JsonObject map:
                    return new Leaf([.. map.Select(m => (m.Key, Of(m.Value, $"{key}:{m.Key}")))], null, null, null, null);
                case JsonArray list:
                    return new Leaf(null, [.. list.Select((n, i) => Of(n, $"{key}:{i}"))], null, null, null);
                case JsonValue value when value.TryGetValue<string>(out var text):
                    // "{{ guests | number }}" is a number in the JSON, and not a text with digits.
                    var typed = Typed().Match(text);
                    return new Leaf(null, null, null, Parsed(key, typed.Success ? $"{{{{{typed.Groups[1].Value}}}}}" : text, ValueSink.Json), typed.Success ? typed.Groups[2].Value : null);
                default:
                    return new Leaf(null, null, node?.DeepClone(), null, null);
            }
        }

        public JsonNode? Render(IReadOnlyDictionary<string, string> values, ref bool isWhole)
        {
            if (_members is not null)
            {
                var map = new JsonObject();
                foreach (var (name, value) in _members)
                {
                    map[name] = value.Render(values, ref isWhole);
                }

                return map;
            }

            if (_items is not null)
            {
                var list = new JsonArray();
                foreach (var item in _items)
                {
                    list.Add(item.Render(values, ref isWhole));
                }

                return list;
            }

            if (_text is null)
            {
                return _fixed?.DeepClone();
            }

            var text = _text.Render(values);
            isWhole &= text is not null;
            return _type switch
            {
                "number" => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? JsonValue.Create(number) : null,
                "boolean" => text is "true" or "yes" ? JsonValue.Create(true) : text is "false" or "no" ? JsonValue.Create(false) : null,
                _ => JsonValue.Create(text),
            };
        }

        [GeneratedRegex(@"^\s*\{\{((?:(?!\}\}).)+)\|\s*(number|boolean)\s*\}\}\s*$", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
        private static partial Regex Typed();
    }
}
