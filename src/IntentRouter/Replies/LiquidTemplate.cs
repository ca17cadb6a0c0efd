using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Ast;
using Fluid.Ast.BinaryExpressions;
using Fluid.Values;

namespace IntentRouter.Replies;

/// <summary>
/// One parsed Liquid template. Every value that comes out of it passes the caller's own function: nothing is written as it is. It sees only the values it is
/// given, reads no files, and what it may cost is bounded. Immutable and thread-safe.
/// </summary>
internal sealed partial class LiquidTemplate
{
    private const int LongestTag = 1_000;
    private const int DeepestBlock = 30;
    private const int DeepestBracket = 10;
    private const int LongestRange = 1_000;
    private const int MostSteps = 5_000;
    private const int LongestValue = 100_000;
    private const long MostWork = 10_000_000;
    private static readonly string[] _tags = ["if", "unless", "case", "for", "assign", "capture", "comment", "break", "continue"];
    private static readonly string[] _inner = ["elsif", "else", "when"];
    private static readonly string[] _blocks = ["if", "unless", "case", "for", "capture", "comment"];

    // Liquid's own filters. Those of the engine beyond them are not offered: they could not be kept should the engine change.
    private static readonly string[] _standard =
    [
        "abs", "append", "at_least", "at_most", "base64_decode", "base64_encode", "base64_url_safe_decode", "base64_url_safe_encode", "capitalize", "ceil", "compact", "concat",
        "date", "default", "divided_by", "downcase", "escape", "escape_once", "find", "find_index", "first", "floor", "has", "join", "last", "lstrip", "map", "minus", "modulo",
        "newline_to_br", "plus", "prepend", "reject", "remove", "remove_first", "remove_last", "replace", "replace_first", "replace_last", "reverse", "round", "rstrip", "size",
        "slice", "sort", "sort_natural", "split", "strip", "strip_html", "strip_newlines", "sum", "times", "truncate", "truncatewords", "uniq", "upcase", "url_decode", "url_encode", "where",
    ];

    private static readonly FluidParser _parser = Parser();
    private static readonly TemplateOptions _plain = new();
    private readonly IFluidTemplate _template;
    private readonly TemplateOptions _options;

    private LiquidTemplate(IFluidTemplate template, TemplateOptions options, Reading reading)
    {
        _template = template;
        _options = options;
        Variables = [.. reading.Used.Where(v => !reading.Made.Contains(v.Split('.', '[')[0])).Distinct()];
        Shown = [.. reading.Shown.OfType<string>()];
    }

    /// <summary>Variables that the template uses and does not make itself, as written, for example <c>slots.date</c>.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <summary>Variables that the outputs begin with.</summary>
    public IReadOnlyList<string> Shown { get; }

    /// <summary>Liquid's own filters and those given here, which come first.</summary>
    public static TemplateOptions Offer(IEnumerable<KeyValuePair<string, FilterDelegate>> own)
    {
        var options = new TemplateOptions { MaxSteps = MostSteps, CultureInfo = CultureInfo.InvariantCulture, TimeZone = TimeZoneInfo.Utc };
        var all = options.Filters.ToDictionary();
        options.Filters.Clear();
        foreach (var name in _standard)
        {
            options.Filters.AddFilter(name, Bounded(LiquidFilters.Arithmetic.Contains(name) ? LiquidFilters.OfNumbers(all[name]) : all[name]));
        }

        foreach (var (name, filter) in LiquidFilters.Mended.Concat(own))
        {
            options.Filters.AddFilter(name, Bounded(filter));
        }

        options.Assigned = (_, value, _) => SizeOf(value) <= LongestValue ? value : throw new LiquidBoundsException();
        options.Captured = (_, value, _) => SizeOf(value) <= LongestValue ? value : throw new LiquidBoundsException();
        return options;
    }

    public static bool IsLiquid(string source) => source.Contains("{{", StringComparison.Ordinal) || source.Contains("{%", StringComparison.Ordinal);

    /// <exception cref="FormatException">Not a template: the message says what is wrong, and where in it.</exception>
    public static LiquidTemplate Parse(string source, TemplateOptions options, string kind)
    {
        Guard(source, kind);
        IFluidTemplate parsed;
        try
        {
            parsed = _parser.Parse(source) ?? throw new FormatException("This is not Liquid.");
        }
        catch (ParseException e)
        {
            var at = Place().Match(e.Message);
            throw new FormatException(at.Success ? $"{at.Groups["what"].Value} (line {at.Groups["line"].Value}, column {at.Groups["column"].Value} of the text)." : e.Message, e);
        }

        var reading = new Reading();
        reading.VisitTemplate(parsed);
        if (reading.Filters.Find(f => !options.Filters.TryGetValue(f, out _)) is { } unknown)
        {
            throw new FormatException($"The filter '{unknown}' does not exist.");
        }

        var guarded = new Rewriting(reading).VisitTemplate(parsed);
        new Proof().VisitTemplate(guarded);
        return new LiquidTemplate(guarded, options, reading);
    }

    /// <param name="scope">What the template may use.</param>
    /// <param name="mayLack">Whether a variable may be left out: by name, and whether it is there but empty.</param>
    /// <param name="show">Makes a value harmless where it is written.</param>
    /// <param name="writer">Takes the author's text and what <paramref name="show"/> made.</param>
    /// <exception cref="LiquidMissingException">A variable has no value.</exception>
    /// <exception cref="LiquidBoundsException">It would cost or grow too much.</exception>
    public void Render(TextScope scope, Func<string, bool, bool> mayLack, Func<FluidValue, string> show, TextWriter writer)
    {
        var context = new Scene(_options, mayLack, show) { CultureInfo = scope.Culture, TimeZone = scope.Zone, Now = () => scope.Now };
        foreach (var (name, value) in scope.Variables)
        {
            context.SetValue(name, ValueOf(value));
        }

        try
        {
            // Nothing here waits: all values are in memory.
            _template.RenderAsync(writer, NullEncoder.Default, context).AsTask().GetAwaiter().GetResult();
        }
        catch (InvalidOperationException e)
        {
            throw new LiquidBoundsException(e);
        }
    }

    private static FluidValue ValueOf(object? value) => value switch
    {
        null => Nothing.Known,
        string text => StringValue.Create(text),
        IReadOnlyDictionary<string, object?> map => new DictionaryValue(new Record(map)),
        System.Collections.IEnumerable list => new ArrayValue([.. list.Cast<object?>().Select(ValueOf)]),
        _ => FluidValue.Create(value, _plain),
    };

    private static FluidParser Parser()
    {
        var parser = new FluidParser();
        foreach (var tag in parser.RegisteredTags.Keys.Except([.. _tags, "#"]).ToList())
        {
            parser.RegisteredTags.Remove(tag);
        }

        parser.RegisteredOperators["=="] = (left, right) => new Same(left, right, negated: false);
        parser.RegisteredOperators["!="] = parser.RegisteredOperators["<>"] = (left, right) => new Same(left, right, negated: true);
        return parser;
    }

    // The parser calls itself for each block and bracket, and each link of a chain is evaluated inside the next: neither may use up the stack.
    private static void Guard(string source, string kind)
    {
        var depth = 0;
        foreach (Match tag in Tag().Matches(source))
        {
            var name = tag.Groups[1].Value;
            if (!_tags.Contains(name) && !_inner.Contains(name) && !(name.StartsWith("end", StringComparison.Ordinal) && _blocks.Contains(name[3..])))
            {
                throw new FormatException($"The tag '{name}' is not available in {kind}; available are if, unless, case, for, assign, capture and comment.");
            }

            depth += _blocks.Contains(name) ? 1 : name.StartsWith("end", StringComparison.Ordinal) ? -1 : 0;
            if (depth > DeepestBlock)
            {
                throw new FormatException($"Tags are nested more than {DeepestBlock} deep.");
            }
        }

        for (var at = Start(source, 0); at >= 0; at = Start(source, at))
        {
            var (from, brackets, quote) = (at, 0, '\0');
            for (at += 2; at < source.Length && !(quote == '\0' && source[at] is '}'); at++)
            {
                var c = source[at];
                quote = quote == '\0' ? c is '"' or '\'' ? c : '\0' : c == quote ? '\0' : quote;
                brackets += quote != '\0' ? 0 : c is '(' or '[' ? 1 : c is ')' or ']' ? -1 : 0;
                if (at - from > LongestTag || brackets > DeepestBracket)
                {
                    throw new FormatException(brackets > DeepestBracket ? $"Brackets are nested more than {DeepestBracket} deep." : $"One tag is longer than {LongestTag} characters, or is not closed.");
                }
            }
        }
    }

    private static int Start(string source, int from)
    {
        for (var at = source.IndexOf('{', Math.Min(from, source.Length)); at >= 0 && at + 1 < source.Length; at = source.IndexOf('{', at + 1))
        {
            if (source[at + 1] is '{' or '%')
            {
                return at;
            }
        }

        return -1;
    }

    private static FilterDelegate Bounded(FilterDelegate filter) => async (input, arguments, context) =>
    {
        // What a filter makes is at most as long as its input times its argument: 'replace' and 'join'.
        var longest = 1L;
        for (var i = 0; i < arguments.Count; i++)
        {
            longest = Math.Max(longest, SizeOf(arguments.At(i)));
        }

        if (SizeOf(input) * longest > MostWork)
        {
            throw new LiquidBoundsException();
        }

        var result = await filter(input, arguments, context).ConfigureAwait(false);
        return SizeOf(result) <= LongestValue ? result : throw new LiquidBoundsException();
    };

    private static long SizeOf(FluidValue value) => value.Type switch
    {
        FluidValues.String => value.ToStringValue().Length,
        FluidValues.Array => value is ArrayValue list ? list.Values.Sum(v => 1L + (v.Type == FluidValues.String ? v.ToStringValue().Length : 0)) : 1,
        _ => 1,
    };

    /// <summary>The variable as written, as far as that is known before rendering.</summary>
    private static string? NameOf(Expression expression)
    {
        if (expression is not MemberExpression member)
        {
            return null;
        }

        var name = "";
        foreach (var segment in member.Segments)
        {
            switch (segment)
            {
                case IdentifierSegment identifier:
                    name += name.Length == 0 ? identifier.Identifier : "." + identifier.Identifier;
                    break;
                case IndexerSegment { Expression: LiteralExpression { Value: var literal } } when name.Length > 0:
                    name += literal.Type == FluidValues.String ? "." + literal.ToStringValue() : $"[{literal.ToStringValue()}]";
                    break;
                default:
                    return name;
            }
        }

        return name;
    }

    [GeneratedRegex(@"\{%-?\s*(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"^(?<what>.*?)\.? at \((?<line>\d+):(?<column>\d+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Place();

    private sealed class Scene(TemplateOptions options, Func<string, bool, bool> mayLack, Func<FluidValue, string> show) : TemplateContext(options)
    {
        public Func<string, bool, bool> MayLack => mayLack;

        public Func<FluidValue, string> Show => show;
    }

    /// <summary>A value that is there and empty, as a column of a row can be; what is not there at all is another nil.</summary>
    private sealed class Nothing : BaseNilValue
    {
        public static Nothing Known { get; } = new();
    }

    // Columns are found whatever their case is: databases differ in it.
    private sealed class Record(IReadOnlyDictionary<string, object?> map) : IFluidIndexable
    {
        public int Count => map.Count;

        public IEnumerable<string> Keys => map.Keys;

        public bool TryGetValue(string name, out FluidValue value)
        {
            var found = map.TryGetValue(name, out var held) || (map.Keys.FirstOrDefault(k => k.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } key && map.TryGetValue(key, out held));
            value = found ? ValueOf(held) : NilValue.Instance;
            return found;
        }
    }

    /// <summary>Names of variables and filters, and where a variable may be missing.</summary>
    private sealed class Reading : AstVisitor
    {
        public HashSet<string> Made { get; } = ["forloop", "parentloop"];

        public List<string> Used { get; } = [];

        public List<string?> Shown { get; } = [];

        public List<string> Filters { get; } = [];

        /// <summary>Variables that the template asks for: <c>if x</c>, <c>x and y</c>, <c>x | default: …</c>.</summary>
        public HashSet<Expression> AskedFor { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>Variables that are written.</summary>
        public HashSet<Expression> Written { get; } = new(ReferenceEqualityComparer.Instance);

        protected override Statement VisitOutputStatement(OutputStatement outputStatement)
        {
            Shown.Add(NameOf(Root(outputStatement.Expression)));
            Written.Add(Root(outputStatement.Expression));
            return base.VisitOutputStatement(outputStatement);
        }

        protected override Statement VisitIfStatement(IfStatement ifStatement)
        {
            AskedFor.Add(ifStatement.Condition);
            return base.VisitIfStatement(ifStatement);
        }

        protected override Statement VisitElseIfStatement(ElseIfStatement elseIfStatement)
        {
            AskedFor.Add(elseIfStatement.Condition);
            return base.VisitElseIfStatement(elseIfStatement);
        }

        protected override Statement VisitUnlessStatement(UnlessStatement unlessStatement)
        {
            AskedFor.Add(unlessStatement.Condition);
            return base.VisitUnlessStatement(unlessStatement);
        }

        protected override Expression VisitAndBinaryExpression(AndBinaryExpression andBinaryExpression)
        {
            AskedFor.UnionWith([andBinaryExpression.Left, andBinaryExpression.Right]);
            return base.VisitAndBinaryExpression(andBinaryExpression);
        }

        protected override Expression VisitOrBinaryExpression(OrBinaryExpression orBinaryExpression)
        {
            AskedFor.UnionWith([orBinaryExpression.Left, orBinaryExpression.Right]);
            return base.VisitOrBinaryExpression(orBinaryExpression);
        }

        public override Expression VisitOtherExpression(Expression expression)
        {
            Visit((expression as Same)?.Left);
            Visit((expression as Same)?.Right);
            return base.VisitOtherExpression(expression);
        }

        protected override Statement VisitAssignStatement(AssignStatement assignStatement)
        {
            Made.Add(assignStatement.Identifier);
            return base.VisitAssignStatement(assignStatement);
        }

        protected override Statement VisitCaptureStatement(CaptureStatement captureStatement)
        {
            Made.Add(captureStatement.Identifier);
            return base.VisitCaptureStatement(captureStatement);
        }

        protected override Statement VisitForStatement(ForStatement forStatement)
        {
            Made.Add(forStatement.Identifier);
            return base.VisitForStatement(forStatement);
        }

        protected override Expression VisitFilterExpression(FilterExpression filterExpression)
        {
            Filters.Add(filterExpression.Name);
            if (filterExpression.Name == "default")
            {
                AskedFor.Add(Root(filterExpression));
            }

            return base.VisitFilterExpression(filterExpression);
        }

        protected override Expression VisitMemberExpression(MemberExpression memberExpression)
        {
            Used.Add(NameOf(memberExpression)!);
            foreach (var index in memberExpression.Segments.OfType<IndexerSegment>())
            {
                if (index.Expression is not (LiteralExpression or MemberExpression))
                {
                    throw new FormatException("What stands in brackets is a number, a text or a variable.");
                }

                Visit(index.Expression);
            }

            return base.VisitMemberExpression(memberExpression);
        }
    }

    /// <summary>Outputs pass the caller's function, variables must be there, spans of numbers are bounded.</summary>
    private sealed class Rewriting(Reading reading) : AstRewriter
    {
        protected override Statement VisitOutputStatement(OutputStatement outputStatement) => new OutputThroughCaller(Visit(outputStatement.Expression), NameOf(Root(outputStatement.Expression)));

        protected override Expression VisitMemberExpression(MemberExpression memberExpression) =>
            reading.AskedFor.Contains(memberExpression) ? memberExpression : new Present(memberExpression, NameOf(memberExpression)!, reading.Written.Contains(memberExpression));

        protected override Expression VisitRangeExpression(RangeExpression rangeExpression) => new BoundedRange(Visit(rangeExpression.From), Visit(rangeExpression.To));

        // 'when 2' means "2" as well, as '==' does.
        protected override Statement VisitWhenStatement(WhenStatement whenStatement) => base.VisitWhenStatement(new WhenStatement(
            [.. whenStatement.Options.Concat(whenStatement.Options.OfType<LiteralExpression>().Select(o => Other(o.Value)).OfType<FluidValue>().Select(v => new LiteralExpression(v)))],
            whenStatement.Statements));

        public override Expression VisitOtherExpression(Expression expression) =>
            expression is Same same ? new Same(Visit(same.Left), Visit(same.Right), same.Negated) : base.VisitOtherExpression(expression);

        private static FluidValue? Other(FluidValue value) => value.Type switch
        {
            FluidValues.Number or FluidValues.Boolean => StringValue.Create(value.ToStringValue()),
            FluidValues.String when bool.TryParse(value.ToStringValue(), out var flag) => BooleanValue.Create(flag),
            FluidValues.String => LiquidFilters.NumberIn(value) is { } number ? NumberValue.Create(number) : null,
            _ => null,
        };
    }

    /// <summary>That the rewriting has reached every place.</summary>
    private sealed class Proof : AstVisitor
    {
        protected override Statement VisitOutputStatement(OutputStatement outputStatement) => throw new FormatException("An output stands where none can.");

        protected override Expression VisitRangeExpression(RangeExpression rangeExpression) => throw new FormatException("A span of numbers stands where none can.");

        public override Statement VisitOtherStatement(Statement statement)
        {
            Visit((statement as OutputThroughCaller)?.Expression);
            return base.VisitOtherStatement(statement);
        }
    }

    private static Expression Root(Expression expression) => expression is FilterExpression filter ? Root(filter.Input) : expression;

    private sealed class OutputThroughCaller(Expression expression, string? name) : Statement
    {
        public Expression Expression => expression;

        public override async ValueTask<Completion> WriteToAsync(TextWriter writer, TextEncoder encoder, TemplateContext context)
        {
            context.IncrementSteps();
            var value = await expression.EvaluateAsync(context).ConfigureAwait(false);
            if (value.Type is FluidValues.Dictionary or FluidValues.Object)
            {
                throw new LiquidMissingException(name ?? "");
            }

            await writer.WriteAsync(((Scene)context).Show(value)).ConfigureAwait(false);
            return Completion.Normal;
        }
    }

    private sealed class Present(MemberExpression member, string name, bool isWritten) : Expression
    {
        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            var value = await member.EvaluateAsync(context).ConfigureAwait(false);
            return value is BaseNilValue && (isWritten || value is not Nothing) && !((Scene)context).MayLack(name, value is Nothing) ? throw new LiquidMissingException(name) : value;
        }
    }

    /// <summary>Equal, also where one side is written as text: SQL and JSON differ in what is a number.</summary>
    private sealed class Same(Expression left, Expression right, bool negated) : Expression
    {
        public Expression Left => left;

        public Expression Right => right;

        public bool Negated => negated;

        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            var (first, second) = (await left.EvaluateAsync(context).ConfigureAwait(false), await right.EvaluateAsync(context).ConfigureAwait(false));
            var isSame = (first.Type, second.Type) switch
            {
                (FluidValues.String, FluidValues.Number) => LiquidFilters.NumberIn(first) == second.ToNumberValue(),
                (FluidValues.Number, FluidValues.String) => LiquidFilters.NumberIn(second) == first.ToNumberValue(),
                (FluidValues.String, FluidValues.Boolean) or (FluidValues.Boolean, FluidValues.String) => first.ToStringValue().Equals(second.ToStringValue(), StringComparison.OrdinalIgnoreCase),
                _ => first.Equals(second),
            };
            return BooleanValue.Create(isSame != negated);
        }
    }

    private sealed class BoundedRange(Expression from, Expression to) : Expression
    {
        public override async ValueTask<FluidValue> EvaluateAsync(TemplateContext context)
        {
            var first = (await from.EvaluateAsync(context).ConfigureAwait(false)).ToNumberValue();
            var last = (await to.EvaluateAsync(context).ConfigureAwait(false)).ToNumberValue();
            return last - first < LongestRange
                ? new ArrayValue([.. Enumerable.Range(0, Math.Max(0, (int)(last - first) + 1)).Select(i => (FluidValue)NumberValue.Create(decimal.Truncate(first) + i))])
                : throw new LiquidBoundsException();
        }
    }
}

/// <summary>A variable has no value; the message names it.</summary>
internal sealed class LiquidMissingException(string variable) : Exception($"the variable '{variable}' has no value");

/// <summary>A template would cost or grow too much.</summary>
internal sealed class LiquidBoundsException(Exception? inner = null) : Exception("the text grew out of bounds", inner);
