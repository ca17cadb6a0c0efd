namespace IntentRouter.DeployTests.Kubernetes;

/// <summary>What is rendered is what an API server accepts, checked without one.</summary>
public sealed class SchemaTests
{
    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_manifest_fits_the_published_schemas(string variant) =>
        Assert.Empty(await Tools.NodeAsync<string[]>("kubernetes.mjs", await Variant.RenderAsync(variant)));

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_field_is_one_that_Kubernetes_knows(string variant) =>
        Assert.NotNull((await Variant.LoadAsync(variant)).Deployment);

    [SkippableTheory]
    [InlineData("periodSeconds: 2", "periodSeconds: often", "periodSeconds must be integer")]
    [InlineData("kind: Deployment", "kind: Deploiment", "no schema knows")]
    public async Task The_schema_check_finds_what_is_wrong(string right, string wrong, string complaint)
    {
        var broken = (await Variant.RenderAsync("kustomize embedded")).Replace(right, wrong, StringComparison.Ordinal);

        Assert.Contains(await Tools.NodeAsync<string[]>("kubernetes.mjs", broken), problem => problem.Contains(complaint, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_misspelt_field_is_found()
    {
        var broken = (await Variant.RenderAsync("kustomize embedded")).Replace("readOnlyRootFilesystem:", "readOnlyRootFileSystem:", StringComparison.Ordinal);

        Assert.ThrowsAny<Exception>(() => Manifests.Parse(broken));
    }
}
