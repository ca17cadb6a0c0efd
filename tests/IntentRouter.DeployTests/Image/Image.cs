namespace IntentRouter.DeployTests.Image;

/// <summary>Tests that run containers take turns: two cores are not many.</summary>
[CollectionDefinition(nameof(Image))]
public sealed class Image;
