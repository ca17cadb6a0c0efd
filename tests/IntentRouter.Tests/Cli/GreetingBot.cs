namespace IntentRouter.Tests.Cli;

/// <summary>A bot that greets, takes its leave and serves tea: what the verbs' tests train and say.</summary>
internal static class GreetingBot
{
    public const string Texts = "hello: Hello!\nso_long: Goodbye.\ntea: A cup of tea.\n";

    /// <summary>Its configuration, with the training in <c>nlu.csv</c>.</summary>
    /// <param name="confidence">Thresholds, in flow style; the default ones when empty.</param>
    /// <param name="local">More keys of the embedded NLU, in flow style.</param>
    /// <param name="entries">More entries under <c>nlu</c>, a line each.</param>
    public static string Configuration(
        string intents = "greet: { reply: hello }, bye: { reply: so_long }, tea: { reply: tea }",
        string confidence = "answer: 0.5, clarify: 0.3",
        string local = ", embedding: none",
        string entries = "") => $$"""
        chat: { baseUrl: "http://127.0.0.1:9" }
        store: { provider: sqlite, connection: Data Source=router.db }
        management: { url: "http://127.0.0.1:9" }
        bots:
          shop:
            key: 0123456789abcdef0123
            accessToken: token
            accounts: [1]
            nlu: { use: [local] }
            confidence: { {{confidence}} }
            intents: { {{intents}} }
        nlu:
          local: { adapter: local, training: nlu.csv{{local}} }
          {{entries}}
        texts: texts
        """;

    public const string Training = """
        text,intent
        hello there,greet
        good morning,greet
        hi bot,greet
        hello my friend,greet
        good evening,greet
        goodbye,bye
        see you later,bye
        see you tomorrow,bye
        bye bye,bye
        farewell then,bye
        a cup of tea please,tea
        green tea,tea
        could I have some tea,tea
        tea with milk,tea
        I would like tea,tea
        """;
}
