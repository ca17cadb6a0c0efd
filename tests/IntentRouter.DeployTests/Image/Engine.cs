namespace IntentRouter.DeployTests.Image;

/// <summary>The container engine that <c>DOCKER_HOST</c> names, by its command line.</summary>
internal static class Engine
{
    public static string Program()
    {
        Skip.If(Environment.GetEnvironmentVariable("DOCKER_HOST") is null or "", "DOCKER_HOST is not set: eval \"$(../shared/containers/up dotnet)\" gives an engine.");
        // Podman's own command needs no builder plug-in; both take the same arguments.
        var program = Shell.Has("podman") ? "podman" : "docker";
        Skip.IfNot(Shell.Has(program), "Neither podman nor docker is installed.");
        return program;
    }

    public static async Task<string> AskAsync(params IEnumerable<string> arguments) => (await RunAsync(arguments)).Succeeded().Trim();

    public static Task<Finished> RunAsync(params IEnumerable<string> arguments) => Shell.RunAsync(Program(), arguments);

    public static async Task<bool> HasImageAsync(string image) => (await RunAsync("image", "inspect", image)).ExitCode == 0;

    /// <summary>The first of <paramref name="images"/> that is here already.</summary>
    public static async Task<string> ImageAsync(string what, params string?[] images)
    {
        foreach (var image in images.OfType<string>())
        {
            if (await HasImageAsync(image))
            {
                return image;
            }
        }

        Skip.If(true, $"No image of {what} is here: eval \"$(../shared/containers/up dotnet)\" builds one.");
        return "";
    }
}
