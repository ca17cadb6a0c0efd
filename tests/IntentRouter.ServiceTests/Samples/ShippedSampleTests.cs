using IntentRouter.Configuration;
using IntentRouter.Hosting;
using Microsoft.Data.Sqlite;

namespace IntentRouter.ServiceTests.Samples;

/// <summary>What lies in <c>samples/</c> runs as it is: no error, no warning, nothing to make by hand.</summary>
public sealed class ShippedSampleTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("samples-");

    public static TheoryData<string> Samples => [.. Directory.GetDirectories(SampleHost.Samples).Select(d => Path.GetFileName(d)!)];

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_opens_with_chat_keys_and_database(string sample)
    {
        var sources = new ConfigurationSources { Path = Path.Combine(SampleHost.Samples, sample), Directory = _directory.FullName };

        var (loaded, _, demo) = Demo.Open(sources, ServiceParts.Of(), "data", anew: true);

        await using (demo)
        {
            Assert.Empty(loaded.Problems);
            Assert.NotNull(demo);
            var options = loaded.Configuration!.Options;
            Assert.Equal("http://127.0.0.1:8081/playground", options.Chat.BaseUrl);
            Assert.All(options.Bots.Values, bot => Assert.True(bot.Key!.Length >= 32 && bot.AccessToken!.Length >= 32));
            foreach (var connection in options.Lookups.Values.Select(l => l.Connection).Concat(options.Actions.Values.Select(a => a.Connection)).Append(options.Store.Connection))
            {
                Assert.StartsWith(_directory.FullName, new SqliteConnectionStringBuilder(connection).DataSource, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_sample_passes_the_check_as_it_ships(string sample)
    {
        var sources = new ConfigurationSources { Path = Path.Combine(SampleHost.Samples, sample), Directory = _directory.FullName };
        Assert.Empty(RouterConfigurationLoader.Load(sources, ServiceParts.Of()).Problems);
        Assert.Empty(_directory.GetFileSystemInfos());
    }

    [Fact]
    public void Keys_stay_the_same_and_the_database_begins_anew_only_when_asked()
    {
        var sources = new ConfigurationSources { Path = Path.Combine(SampleHost.Samples, "hotel"), Directory = _directory.FullName };
        var first = Demo.Open(sources, ServiceParts.Of(), "data", anew: true).Loaded.Configuration!;
        Execute("delete from bookings");

        var second = Demo.Open(sources, ServiceParts.Of(), "data", anew: false).Loaded.Configuration!;

        Assert.Equal(first.Options.Bots["hotel"].Key, second.Options.Bots["hotel"].Key);
        Assert.Equal(0L, Execute("select count(*) from bookings"));
        Demo.Open(sources, ServiceParts.Of(), "data", anew: true);
        Assert.Equal(3L, Execute("select count(*) from bookings"));
    }

    [Fact]
    public void A_real_chat_needs_its_address_and_secrets_and_gets_no_playground()
    {
        var sources = new ConfigurationSources
        {
            Path = Path.Combine(SampleHost.Samples, "shop"),
            Directory = _directory.FullName,
            Environment = new Dictionary<string, string> { ["Chat__BaseUrl"] = "https://chat.example.com" },
        };

        var (loaded, _, demo) = Demo.Open(sources, ServiceParts.Of(), "data", anew: true);

        Assert.Null(demo);
        Assert.Equal(["bots:shop:accessToken", "bots:shop:key"], loaded.Errors.Select(e => e.Path).Order());
    }

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_directory.FullName, "data", "hotel.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
