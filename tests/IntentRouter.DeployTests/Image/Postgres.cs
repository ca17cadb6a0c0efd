namespace IntentRouter.DeployTests.Image;

/// <summary>An empty PostgreSQL, gone with the test.</summary>
internal sealed class Postgres : IAsyncDisposable
{
    private const string Password = "only-for-this-test";
    private readonly string _id;

    private Postgres(string id, int port)
    {
        _id = id;
        Connection = $"Host=127.0.0.1;Port={port};Database=intent_router;Username=intent_router;Password={Password};Maximum Pool Size=10";
    }

    public string Connection { get; }

    public static async Task<Postgres> StartAsync()
    {
        var image = await ImageAsync();
        var port = RouterContainer.FreePort();
        var id = await Engine.AskAsync(
            "run", "--detach", "--publish", $"127.0.0.1:{port}:5432", "--env", "POSTGRES_USER=intent_router", "--env", $"POSTGRES_PASSWORD={Password}", "--env", "POSTGRES_DB=intent_router", image);
        var postgres = new Postgres(id, port);
        for (var i = 0; (await postgres.AskAsync("pg_isready", "--host", "127.0.0.1", "--username", "intent_router")).ExitCode != 0; i++)
        {
            Assert.True(i < 1500, "PostgreSQL did not start.");
            await Task.Delay(200);
        }

        return postgres;
    }

    public static Task<string> ImageAsync() =>
        Engine.ImageAsync("PostgreSQL", Environment.GetEnvironmentVariable("INTENTROUTER_TEST_POSTGRES_IMAGE"), "docker.io/library/postgres:17");

    /// <summary>Runs one of PostgreSQL's own programs beside the server.</summary>
    public Task<Finished> AskAsync(params IEnumerable<string> command) => Engine.RunAsync(["exec", "--env", $"PGPASSWORD={Password}", _id, .. command]);

    public async ValueTask DisposeAsync() => await Engine.RunAsync("rm", "--force", "--volumes", "--time", "0", _id);
}
