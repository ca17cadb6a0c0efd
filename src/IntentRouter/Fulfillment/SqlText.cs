namespace IntentRouter.Fulfillment;

/// <summary>The SQL of a lookup or action, tokenised far enough to know how many statements it is, what it may do, and which parameters it takes.</summary>
internal sealed class SqlText
{
    // Each of these, unquoted, makes a SELECT do more than read.
    private static readonly HashSet<string> _writes = new(StringComparer.OrdinalIgnoreCase)
    {
        "insert", "update", "delete", "merge", "upsert", "truncate", "drop", "alter", "create", "grant", "revoke", "exec", "execute", "call",
        "attach", "detach", "pragma", "vacuum", "reindex", "copy", "into", "outfile", "dumpfile", "lock", "handler", "load", "begin", "commit",
        "rollback", "savepoint", "shutdown", "backup", "restore", "dbcc", "bulk", "openrowset", "opendatasource", "openquery",
    };

    private readonly List<Token> _tokens = [];

    private SqlText(string text) => Text = text;

    public string Text { get; }

    /// <summary>Names after <c>@</c>, each once, in order of appearance.</summary>
    public IReadOnlyList<string> Parameters { get; private set; } = [];

    /// <summary>The sentence that says what is wrong, or null.</summary>
    public string? Problem { get; private set; }

    /// <summary>Reads the text of a lookup: exactly one SELECT.</summary>
    public static SqlText Read(string text, string? provider)
    {
        var sql = Tokenised(text, provider);
        sql.Problem ??= sql.SelectProblem();
        return sql;
    }

    /// <summary>Reads the text of an action: exactly one statement of any kind.</summary>
    public static SqlText Write(string text, string? provider)
    {
        var sql = Tokenised(text, provider);
        sql.Problem ??= sql.StatementProblem();
        return sql;
    }

    private static SqlText Tokenised(string text, string? provider)
    {
        var sql = new SqlText(text);
        sql.Problem = new Tokeniser(text, provider, sql._tokens).Run();
        sql.Parameters = [.. sql._tokens.Where(t => t.Kind == TokenKind.Parameter).Select(t => t.Text).Distinct(StringComparer.OrdinalIgnoreCase)];
        return sql;
    }

    private string? StatementProblem()
    {
        var end = _tokens.FindIndex(t => t.Kind == TokenKind.Symbol && t.Text == ";");
        return _tokens.Count == 0 || end == 0 ? "The statement is empty."
            : end >= 0 && end < _tokens.Count - 1 ? "There is more than one statement."
            : null;
    }

    private string? SelectProblem()
    {
        if (StatementProblem() is { } problem)
        {
            return problem;
        }

        if (_tokens[0].Kind != TokenKind.Word || !Is(_tokens[0], "select") && !Is(_tokens[0], "with"))
        {
            return $"The text begins with '{_tokens[0].Text}' and not with SELECT or WITH.";
        }

        for (var i = 0; i < _tokens.Count; i++)
        {
            // Behind a dot it is a column's name.
            if (_tokens[i].Kind == TokenKind.Word && _writes.Contains(_tokens[i].Text) && !(i > 0 && _tokens[i - 1].Text == "."))
            {
                return $"'{_tokens[i].Text}' does more than read (quote it if it is a name).";
            }
        }

        return _tokens.Exists(t => Is(t, "select")) ? null : "There is no SELECT in it.";
    }

    private static bool Is(Token token, string word) => token.Kind == TokenKind.Word && string.Equals(token.Text, word, StringComparison.OrdinalIgnoreCase);

    private enum TokenKind
    {
        Word,
        Quoted,
        Number,
        Parameter,
        Symbol,
    }

    private readonly record struct Token(TokenKind Kind, string Text);

    private sealed class Tokeniser(string text, string? provider, List<Token> tokens)
    {
        private readonly bool _isMySql = provider == "mysql";
        private readonly bool _isPostgres = provider == "postgres";
        private int _at;

        public string? Run()
        {
            while (_at < text.Length)
            {
                if (Step() is { } problem)
                {
                    return problem;
                }
            }

            return null;
        }

        private string? Step()
        {
            var c = text[_at];
            if (char.IsWhiteSpace(c))
            {
                _at++;
                return null;
            }

            if (c == '\0')
            {
                return "There is a NUL character in it.";
            }

            if (Starts("--") || _isMySql && c == '#')
            {
                var end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end + 1;
                return null;
            }

            if (Starts("/*"))
            {
                return Comment();
            }

            if (c == '\'')
            {
                var escapes = _isMySql || (_isPostgres && _at > 0 && (text[_at - 1] is 'E' or 'e') && (_at < 2 || !char.IsLetterOrDigit(text[_at - 2]) && text[_at - 2] != '_'));
                return Quoted('\'', escapes);
            }

            if (c is '"' or '`')
            {
                return Quoted(c, _isMySql && c == '"');
            }

            // Arrays in PostgreSQL; a quoted name elsewhere.
            if (c == '[' && (provider is "sqlserver" or "sqlite"))
            {
                return Quoted(']', false);
            }

            if (c == '$' && _isPostgres)
            {
                return Dollar();
            }

            if (c == '@')
            {
                return Parameter();
            }

            if (c is '?' || c == ':' && Next(1) != ':' && (char.IsLetter(Next(1)) || Next(1) == '_') && !_isPostgres || c == '$')
            {
                return $"'{c}' is not how parameters are written here; write @slot.";
            }

            return Rest(c);
        }

        private string? Rest(char c)
        {
            if (_isPostgres && Starts("::"))
            {
                _at += 2;
                tokens.Add(new Token(TokenKind.Symbol, "::"));
                return null;
            }

            if (_isPostgres && c == ':' && (char.IsLetter(Next(1)) || Next(1) == '_'))
            {
                return "':' is not how parameters are written here; write @slot.";
            }

            var start = _at;
            if (char.IsLetter(c) || c == '_')
            {
                while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '$'))
                {
                    _at++;
                }

                tokens.Add(new Token(TokenKind.Word, text[start.._at]));
            }
            else if (char.IsDigit(c))
            {
                while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] == '.'))
                {
                    _at++;
                }

                tokens.Add(new Token(TokenKind.Number, text[start.._at]));
            }
            else
            {
                _at++;
                tokens.Add(new Token(TokenKind.Symbol, c.ToString()));
            }

            return null;
        }

        private string? Comment()
        {
            if (_isMySql && (Next(2) is '!' or 'M'))
            {
                return "A comment that MySQL executes is in it.";
            }

            // PostgreSQL and SQL Server nest comments, MySQL and SQLite do not: a text that the two would read differently is refused.
            var end = text.IndexOf("*/", _at + 2, StringComparison.Ordinal);
            if (end < 0)
            {
                return "A comment is not closed.";
            }

            if (text.IndexOf("/*", _at + 2, end - _at - 2, StringComparison.Ordinal) >= 0)
            {
                return "A comment is inside a comment.";
            }

            _at = end + 2;
            return null;
        }

        private string? Quoted(char close, bool escapes)
        {
            for (var i = _at + 1; i < text.Length; i++)
            {
                if (escapes && text[i] == '\\')
                {
                    i++;
                }
                else if (text[i] == close)
                {
                    if (i + 1 < text.Length && text[i + 1] == close)
                    {
                        i++;
                        continue;
                    }

                    _at = i + 1;
                    tokens.Add(new Token(TokenKind.Quoted, ""));
                    return null;
                }
            }

            return "A quote is not closed.";
        }

        private string? Dollar()
        {
            var end = text.IndexOf('$', _at + 1);
            var tag = end < 0 ? "" : text[_at..(end + 1)];
            if (tag.Length < 2 || tag[1..^1].Any(c => !char.IsLetterOrDigit(c) && c != '_') || tag.Length > 2 && char.IsDigit(tag[1]))
            {
                return "'$' is not how parameters are written here; write @slot.";
            }

            var close = text.IndexOf(tag, end + 1, StringComparison.Ordinal);
            if (close < 0)
            {
                return "A quote is not closed.";
            }

            _at = close + tag.Length;
            tokens.Add(new Token(TokenKind.Quoted, ""));
            return null;
        }

        private string? Parameter()
        {
            // PostgreSQL has operators such as @> and @@.
            if (_isPostgres && !(char.IsLetter(Next(1)) || Next(1) == '_'))
            {
                _at++;
                tokens.Add(new Token(TokenKind.Symbol, "@"));
                return null;
            }

            var start = ++_at;
            while (_at < text.Length && (char.IsLetterOrDigit(text[_at]) || text[_at] == '_'))
            {
                _at++;
            }

            if (_at == start)
            {
                return "'@' without a name is in it.";
            }

            tokens.Add(new Token(TokenKind.Parameter, text[start.._at]));
            return null;
        }

        private bool Starts(string what) => string.CompareOrdinal(text, _at, what, 0, what.Length) == 0;

        private char Next(int ahead) => _at + ahead < text.Length ? text[_at + ahead] : '\0';
    }
}
