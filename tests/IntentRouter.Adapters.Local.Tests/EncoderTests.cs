using System.Diagnostics;
using System.Numerics.Tensors;
using System.Security.Cryptography;
using IntentRouter.Adapters.Local.Encoding;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

public sealed class EncoderTests
{
    private static readonly string _folder = Path.Combine(AppContext.BaseDirectory, "Encoder");

    [Theory]
    [InlineData("use-lite.onnx")]
    [InlineData("use-lite.vocab.json")]
    public void The_committed_artefact_is_the_one_the_converter_made(string file)
    {
        var expected = File.ReadLines(Path.Combine(_folder, "SHA256SUMS")).Single(l => l.EndsWith(file, StringComparison.Ordinal))[..64];

        Assert.Equal(expected, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, file)))));
    }

    /// <summary>Runs where someone has fetched the package, see ConvertEncoder.cs; nothing is downloaded here.</summary>
    [SkippableFact]
    public async Task The_converter_makes_the_same_bytes_again()
    {
        var package = Environment.GetEnvironmentVariable("USE_LITE_PACKAGE");
        Skip.If(package is null, "USE_LITE_PACKAGE does not name the tarball of the encoder's npm package.");
        var output = Directory.CreateTempSubdirectory("use-lite-");
        try
        {
            using var convert = Process.Start("dotnet", ["run", "--file", Path.Combine(_folder, "ConvertEncoder.cs"), "--", package!, output.FullName]);
            await convert.WaitForExitAsync();

            Assert.Equal(0, convert.ExitCode);
            foreach (var file in output.EnumerateFiles())
            {
                Assert.True(File.ReadAllBytes(file.FullName).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_folder, file.Name))), file.Name);
            }
        }
        finally
        {
            output.Delete(recursive: true);
        }
    }

    /// <summary>The first numbers and the likeness are those of the original, unquantised package; 8 bits move them a little.</summary>
    [Fact]
    public void Vectors_are_those_of_the_original_encoder()
    {
        var encoder = SentenceEncoder.Shared;
        var (first, second, far) = (new float[512], new float[512], new float[512]);
        var pooled = new float[512];

        encoder.Encode("how old are you?", first, pooled);
        encoder.Encode("what is your age?", second, pooled);
        encoder.Encode("my phone is good.", far, pooled);

        Assert.Equal(1f, TensorPrimitives.Norm<float>(first), 4);
        Assert.InRange(TensorPrimitives.Dot<float>(first, second), 0.80f, 0.90f);
        Assert.InRange(TensorPrimitives.Dot<float>(first, far), 0f, 0.45f);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\ud83d")]
    [InlineData("😀😀😀")]
    [InlineData("ﷺ ﷺ ﷺ")]
    [InlineData("日本語のテキスト")]
    public void Any_text_can_be_encoded(string text)
    {
        var (vector, pooled) = (new float[512], new float[512]);

        SentenceEncoder.Shared.Encode(TextNormalizer.Normalize(text), vector, pooled);

        Assert.Equal(1f, TensorPrimitives.Norm<float>(vector), 3);
    }

    [Fact]
    public void Ten_thousand_characters_are_encoded_as_far_as_they_are_read()
    {
        var (vector, pooled) = (new float[512], new float[512]);

        SentenceEncoder.Shared.Encode(TextNormalizer.Normalize(string.Concat(Enumerable.Repeat("ﷺword ", 2000))), vector, pooled);

        Assert.Equal(1f, TensorPrimitives.Norm<float>(vector), 3);
    }

    [Theory]
    [InlineData("  Hello\t\n WORLD ", "hello world")]
    [InlineData("don’t “quote”", "don't \"quote\"")]
    [InlineData("ＦＵＬＬ ｗｉｄｔｈ ﬁ", "full width fi")]
    [InlineData("ÄÖÜ", "äöü")]
    [InlineData("Find booking H-3001, Priya.Nair@example.com please", "find booking h-3001, please")]
    [InlineData("(priya@example.com) where is it? see https://shop.example.com/o/1 or WWW.example.com", "where is it? see or")]
    [InlineData("priya@example.com", "priya@example.com")]
    [InlineData("priya@example.com, https://example.com !", "priya@example.com, https://example.com !")]
    [InlineData("meet me @ home. or @work", "meet me @ home. or @work")]
    public void Texts_are_brought_into_one_form(string text, string normalized) =>
        Assert.Equal(normalized, TextNormalizer.Normalize(text));
}
