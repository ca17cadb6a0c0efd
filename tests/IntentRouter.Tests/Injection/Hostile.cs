namespace IntentRouter.Tests.Injection;

/// <summary>What a stranger may write, and what a backing system or an engine may send back: one list for every sink.</summary>
public static class Hostile
{
    /// <summary>Stands in a variable of the platform's template engine: where it shows up, something was executed.</summary>
    public const string Canary = "canary-4711";

    public static readonly string[] Templates =
    [
        "{{ contact.email }}",
        "{{contact.email}}",
        "{{- contact.email -}}",
        "{{{ contact.email }}}",
        "{% if true %}{{ contact.email }}{% endif %}",
        "{%- raw -%}{%- endraw -%}{{ contact.email }}",
        "`{{ contact.email }}`",
        "`{% endraw %}{{ contact.email }}{% raw %}`",
        "```{% endraw %}{{ contact.email }}",
        "{\u200B{ contact.email }\u200B}",
        "{\uE000{ contact.email }\uE001}",
        "{\r\n{ contact.email }}",
        "{{ 'a' | append: contact.email }}",
        "{% assign x = contact.email %}{{ x }}",
        "{% comment %}",
        "%}{{ contact.email }}{%",
        "}}{{ contact.email }}{{",
    ];

    public static readonly string[] Markup =
    [
        "[click here](https://evil.example/login)",
        "![](https://evil.example/pixel.png)",
        "[@Mara Lind](mention://user/21/Mara%20Lind)",
        "[a][b] [b]: https://evil.example",
        "[x](javascript:alert(1))",
        "](https://evil.example) [x",
        ") [x](https://evil.example",
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "<https://evil.example>",
        "<!-- -->",
        "&lt;b&gt; &#123;&#123;",
        "**bold** __bold__ *it* _it_ ~~gone~~",
        "`code` ```fence",
        "# heading",
        "#\theading",
        "- item",
        "+ item",
        "* item",
        "1. item",
        "12) item",
        "> quoted",
        "---",
        "===",
        "| a | b |",
        "\\[x](https://evil.example)",
        "\\",
        "a\n# heading\n- item\n> quoted",
        "a\r\n\r\n    code",
        "a\u2028# heading",
        "\u202Egnp.exe\u202C",
    ];

    public static readonly string[] Sql =
    [
        "' or '1'='1",
        "' or 1=1 --",
        "'; drop table orders; --",
        "\" or \"\"=\"",
        "\\'; drop table orders; --",
        "') union select email, number, status, eta from orders --",
        "1; delete from orders",
        "$$; drop table orders; $$",
        "'; select pg_sleep(30); --",
        "/*! drop table orders */",
        "@email",
        "%",
        "\u2019 or \u20191\u2019=\u20191",
        "x'); insert into orders values ('1','2','3','4'); --",
    ];

    public static readonly string[] Addresses =
    [
        "../admin",
        "..\\admin",
        "..",
        "%2e%2e%2fadmin",
        "/admin",
        "//evil.example/",
        "?admin=true",
        "&admin=true",
        "#fragment",
        "@evil.example",
        "user:pass@evil.example",
        ":80/",
        "https://evil.example/",
        "file:///etc/passwd",
        "x\r\nX-Evil: 1",
        "x\r\n\r\nGET /admin HTTP/1.1\r\nHost: evil.example",
        "\u010D\u010AX-Evil: 1",
        "\0",
        "\",\"admin\":true,\"x\":\"",
        "\\\",\\\"admin\\\":true",
        "{\"admin\":true}",
        "{{ 7 | times: 6 }}",
    ];

    public static IReadOnlyList<string> Everything { get; } = [.. Templates.Concat(Markup).Concat(Sql).Concat(Addresses).Distinct()];

    public static TheoryData<string> All => [.. Everything];

    public static TheoryData<string> Texts => [.. Templates.Concat(Markup)];
}
