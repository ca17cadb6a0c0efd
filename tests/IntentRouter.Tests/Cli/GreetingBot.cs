namespace IntentRouter.Tests.Cli;

/// <summary>A bot that greets, takes its leave and serves tea: what the verbs' tests train and say.</summary>
internal static class GreetingBot
{
    public const string Texts = "hello: Hello!\nso_long: Goodbye.\ntea: A cup of tea.\n";

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
