using System.Data;
using System.Net;
using System.Net.Sockets;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using Microsoft.Data.SqlClient;

namespace IntentRouter.Tests.Fulfillment;

/// <summary>SQL Server as far as it can be tried without one: how it is connected to, what is sent to it, what its errors mean, and no server at all.</summary>
public sealed class SqlServerTests : IDisposable
{
    private const string Connection = "Server=db;Database=shop;User ID=reader;Password=x";
    private readonly SqlDialect _dialect = SqlDialect.Of("sqlserver");
    private readonly FulfillmentScene _scene = new();

    private SqlConnectionStringBuilder Settings(string connection, bool readOnly = true)
    {
        using var made = _dialect.Connect(connection, readOnly, timeout: 3);
        return new SqlConnectionStringBuilder(made.ConnectionString);
    }

    [Fact]
    public void Lookups_say_that_they_only_read_and_actions_do_not()
    {
        Assert.Equal(ApplicationIntent.ReadOnly, Settings(Connection).ApplicationIntent);
        Assert.Equal(ApplicationIntent.ReadWrite, Settings(Connection, readOnly: false).ApplicationIntent);
    }

    [Theory]
    [InlineData("ApplicationIntent=ReadWrite")]
    [InlineData("Application Intent=ReadWrite")]
    [InlineData("Failover Partner=db2")]
    public void What_the_connection_string_says_of_replicas_and_mirrors_stays(string more) =>
        Assert.Equal(ApplicationIntent.ReadWrite, Settings($"{Connection};{more}").ApplicationIntent);

    [Fact]
    public void The_connection_is_encrypted_and_its_certificate_checked_unless_the_operator_says_otherwise()
    {
        var settings = Settings(Connection);
        Assert.Equal(SqlConnectionEncryptOption.Mandatory, settings.Encrypt);
        Assert.False(settings.TrustServerCertificate);
        Assert.True(Settings($"{Connection};TrustServerCertificate=true").TrustServerCertificate);
        Assert.Equal(SqlConnectionEncryptOption.Strict, Settings($"{Connection};Encrypt=Strict").Encrypt);
    }

    [Fact]
    public void Limits_are_those_of_the_lookup_and_nothing_is_tried_twice_behind_its_back()
    {
        var settings = Settings(Connection);
        Assert.Equal((3, 3, 0), (settings.ConnectTimeout, settings.CommandTimeout, settings.ConnectRetryCount));
        Assert.False(settings.MultipleActiveResultSets);
    }

    [Theory]
    [InlineData("10427", 4000)]
    [InlineData("", 4000)]
    [InlineData(null, 4000)]
    public void Every_value_has_the_same_length_so_that_the_server_keeps_one_plan(string? value, int size)
    {
        using var command = new SqlCommand();
        _dialect.Add(command, "order_number", value);
        var parameter = command.Parameters.Cast<SqlParameter>().Single();
        Assert.Equal((SqlDbType.NVarChar, size, (object?)value ?? DBNull.Value), (parameter.SqlDbType, parameter.Size, parameter.Value));
    }

    [Fact]
    public void A_longer_value_is_not_cut_off()
    {
        using var command = new SqlCommand();
        _dialect.Add(command, "note", new string('x', 5000));
        Assert.Equal(-1, command.Parameters[0].Size);
    }

    [Theory]
    [InlineData(-2, 11, "TimedOut")] // The command's time was over.
    [InlineData(1222, 16, "TimedOut")] // A lock was not given.
    [InlineData(1205, 13, "TimedOut")] // Chosen as a deadlock's victim.
    [InlineData(245, 16, "NoSuchValue")] // "abc" compared with an int.
    [InlineData(248, 16, "NoSuchValue")] // "9999999999" compared with an int.
    [InlineData(244, 16, "NoSuchValue")] // … with a smallint.
    [InlineData(8115, 16, "NoSuchValue")] // … with a decimal.
    [InlineData(8114, 16, "NoSuchValue")]
    [InlineData(8169, 16, "NoSuchValue")] // … with a uniqueidentifier.
    [InlineData(241, 16, "NoSuchValue")] // … with a date.
    [InlineData(235, 16, "NoSuchValue")] // … with money.
    [InlineData(53, 20, "Unreachable")]
    [InlineData(10054, 20, "Unreachable")]
    [InlineData(40613, 17, "Unreachable")] // Azure: the database is being moved.
    [InlineData(40501, 20, "Unreachable")] // Azure: busy.
    [InlineData(976, 14, "Unreachable")] // A replica that may not be read.
    [InlineData(-2146893019, 20, "Unreachable")] // The certificate is not trusted.
    [InlineData(596, 21, "Unreachable")] // The session was killed.
    [InlineData(18456, 14, "Refused")] // Wrong user or password.
    [InlineData(208, 16, "Refused")] // No such table.
    [InlineData(229, 14, "Refused")] // No right to read it.
    public void An_error_has_a_meaning(int number, byte severity, string meaning) => Assert.Equal(meaning, SqlDialect.Classify(number, severity).ToString());

    [Fact]
    public async Task Nobody_listens_and_the_library_tries_until_the_lookups_time_is_over()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // Bound and not listening: refused, and nobody else gets the port.
        Assert.Equal(LookupFailure.TimedOut, FulfillmentScene.Failure(await FindAsync(((IPEndPoint)taken.LocalEndPoint!).Port, TimeSpan.FromMilliseconds(200))));
    }

    [Fact]
    public async Task Somebody_else_listens_and_hangs_up()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var hangsUp = Task.Run(async () =>
        {
            while (true)
            {
                using var caller = await other.AcceptTcpClientAsync();
            }
        });
        Assert.Equal(LookupFailure.Unreachable, FulfillmentScene.Failure(await FindAsync(((IPEndPoint)other.LocalEndpoint).Port, TimeSpan.FromMinutes(1))));
        other.Stop();
        await Assert.ThrowsAnyAsync<Exception>(() => hangsUp);
    }

    [Fact]
    public async Task A_server_that_never_answers_costs_the_lookups_time_and_no_more()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Assert.Equal(LookupFailure.TimedOut, FulfillmentScene.Failure(await FindAsync(((IPEndPoint)silent.LocalEndpoint).Port, TimeSpan.FromMilliseconds(200))));
    }

    [Fact]
    public async Task An_action_that_reached_nobody_has_certainly_changed_nothing()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var options = new ActionOptions
        {
            Kind = "sql",
            Provider = "sqlserver",
            Connection = $"Server=127.0.0.1,{((IPEndPoint)taken.LocalEndPoint!).Port};User ID=a;Password=b",
            Statement = "exec dbo.cancel_order @order_number, @idempotency_key",
            Timeout = TimeSpan.FromMilliseconds(200),
        };
        _scene.Options.Actions["it"] = options;
        var outcome = await _scene.Get<IActionCatalog>().Find(_scene.Configuration, "it").RunAsync(new ActionCall(new Dictionary<string, string> { ["order_number"] = "1" }, "key", "shop", 3, 17), CancellationToken.None);

        Assert.Equal(LookupFailure.TimedOut, Assert.IsType<ActionOutcome.Failed>(outcome).Reason);
    }

    private Task<LookupOutcome> FindAsync(int port, TimeSpan timeout) => _scene.Lookup(new LookupOptions
    {
        Kind = "sql",
        Provider = "sqlserver",
        Connection = $"Server=127.0.0.1,{port};User ID=reader;Password=x",
        Query = "select top (5) number, status from dbo.orders where number = @order_number",
        Timeout = timeout,
    }).FindAsync(FulfillmentScene.Call(("order_number", "10427")), CancellationToken.None);

    public void Dispose() => _scene.Dispose();
}
