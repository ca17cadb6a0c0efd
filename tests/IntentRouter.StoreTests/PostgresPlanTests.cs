using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using IntentRouter.Storage.Postgres;
using Npgsql;

namespace IntentRouter.StoreTests;

/// <summary>How PostgreSQL goes about the statements on the way of events, whatever it last measured of the tables of open work.</summary>
public sealed class PostgresPlanTests
{
    [SkippableTheory]
    [InlineData("never measured")]
    [InlineData("measured while nothing was open")]
    [InlineData("measured while much was open")]
    public async Task Every_row_is_found_by_its_key(string measured)
    {
        // A clock that stands still is a constant to the planner.
        var host = await PostgresHost.CreateAsync(stopsTheClock: false);
        await using (host)
        {
            await host.OpenAsync();
            await using var connection = new NpgsqlConnection(
                new NpgsqlConnectionStringBuilder(host.Connection) { Options = PostgresSql.HotOptions, Pooling = false }.ToString());
            await connection.OpenAsync();
            if (measured == "measured while much was open")
            {
                await ExecuteAsync(connection, """
                    insert into lease (conversation, owner, token, until, dirty) select 'shop/3/' || k, 1, k, 0, 0 from generate_series(1, 5000) k;
                    insert into open_event (seq, conversation, key, kind, message_id, contact_id, urgent, received_at, payload)
                      select k, 'shop/3/' || k, 'shop/3/created:' || k, 'message_created', k, k, 0, 0, '' from generate_series(1, 5000) k;
                    insert into open_effect (key, conversation, event_seq, ordinal, kind, public, body, state_at)
                      select 'shop/3/created:' || k || ':0', 'shop/3/' || k, k, 0, 'send-message', 1, '{}', 0 from generate_series(1, 5000) k;
                    """);
            }

            if (measured != "never measured")
            {
                await ExecuteAsync(connection, "vacuum analyze");
            }

            var statements = Statements().ToList();
            Assert.InRange(statements.Count, 28, int.MaxValue);
            var faults = new List<string>();
            foreach (var (name, sql) in statements)
            {
                var plan = await ExplainAsync(connection, sql);
                faults.AddRange(Scans(plan).Where(scan => !IsByKey(scan)).Select(scan => $"{name}: {scan["Node Type"]} on {scan["Relation Name"] ?? scan["Index Name"]}, index condition: {scan["Index Cond"]}"));
            }

            Assert.True(faults.Count == 0, string.Join('\n', faults));
        }
    }

    private static IEnumerable<(string Name, string Sql)> Statements() =>
        from type in new[] { typeof(PostgresSql), typeof(AppendBatch), typeof(LoadBatch), typeof(ProgressBatch) }
        from field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where field.IsLiteral && field.FieldType == typeof(string) && field.Name != nameof(PostgresSql.HotOptions)
        select ($"{type.Name}.{field.Name}", (string)field.GetRawConstantValue()!);

    private static async Task<JsonNode> ExplainAsync(NpgsqlConnection connection, string sql)
    {
        await ExecuteAsync(connection, $"prepare it as {sql}");
        await using var count = new NpgsqlCommand("select cardinality(parameter_types) from pg_prepared_statements where name = 'it'", connection);
        var parameters = Convert.ToInt32(await count.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        await using var explain = new NpgsqlCommand($"explain (format json) execute it ({string.Join(", ", Enumerable.Repeat("null", parameters))})", connection);
        var plan = (string)(await explain.ExecuteScalarAsync())!;
        await ExecuteAsync(connection, "deallocate it");
        return JsonNode.Parse(plan)![0]!["Plan"]!;
    }

    private static IEnumerable<JsonNode> Scans(JsonNode plan)
    {
        if ((string)plan["Node Type"]! is "Seq Scan" or "Index Scan" or "Index Only Scan" or "Bitmap Index Scan" or "Tid Scan" or "Sample Scan")
        {
            yield return plan;
        }

        foreach (var scan in (plan["Plans"]?.AsArray() ?? []).SelectMany(child => Scans(child!)))
        {
            yield return scan;
        }
    }

    private static bool IsByKey(JsonNode scan) => (string?)scan["Index Cond"] is { } condition && condition.Contains(" = ", StringComparison.Ordinal);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
