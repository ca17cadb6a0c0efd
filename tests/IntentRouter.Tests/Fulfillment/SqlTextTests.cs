using IntentRouter.Fulfillment;

namespace IntentRouter.Tests.Fulfillment;

public sealed class SqlTextTests
{
    [Theory]
    [InlineData("sqlite", "select number, status from orders where number = @order_number and lower(email) = @email", "order_number email")]
    [InlineData("sqlite", "SELECT 1;", "")]
    [InlineData("sqlite", "-- a comment; with a semicolon\nselect @a /* and ; here */ , @a", "a")]
    [InlineData("sqlite", "select 'it''s; delete', \"drop\", [update], `insert` from t", "")]
    [InlineData("sqlite", "select replace(status, 'a', 'b') from orders", "")]
    [InlineData("sqlite", "with recent as (select * from orders) select * from recent", "")]
    [InlineData("postgres", "select o.update, eta::date, tags @> @tag, $$ ; delete $$, $x$ @no $x$ from orders o", "tag")]
    [InlineData("postgres", "select e'it\\'s; drop table x' where a = @a", "a")]
    [InlineData("postgres", "select tags[1] from orders", "")]
    [InlineData("mysql", "select `order`, \"a\\\"; delete\" from orders where n = @n # the end; really", "n")]
    [InlineData("sqlserver", "select top (5) [insert] from [dbo].[orders] where n = @n", "n")]
    public void One_select_is_taken_with_its_parameters(string provider, string text, string parameters)
    {
        var sql = SqlText.Read(text, provider);

        Assert.Null(sql.Problem);
        Assert.Equal(parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries), sql.Parameters);
    }

    [Theory]
    [InlineData("sqlite", "", "empty")]
    [InlineData("sqlite", " ; ", "empty")]
    [InlineData("sqlite", "delete from orders", "begins with 'delete'")]
    [InlineData("sqlite", "select 1; select 2", "more than one")]
    [InlineData("sqlite", "select 1; drop table orders", "more than one")]
    [InlineData("sqlite", "select 'open from orders", "not closed")]
    [InlineData("sqlite", "select 1 /* open", "not closed")]
    [InlineData("sqlite", "select 1 /* a /* b */", "inside a comment")]
    [InlineData("sqlite", "pragma table_info(orders)", "begins with 'pragma'")]
    [InlineData("sqlite", "select * from orders where n = ?", "write @slot")]
    [InlineData("sqlite", "select * from orders where n = :n", "write @slot")]
    [InlineData("sqlite", "select * from orders where n = $n", "write @slot")]
    [InlineData("sqlite", "(select 1)", "begins with '('")]
    [InlineData("sqlite", "select @ from orders", "without a name")]
    [InlineData("postgres", "with gone as (delete from orders returning *) select * from gone", "'delete' does more than read")]
    [InlineData("postgres", "with n as (insert into t values (1) returning 1) select * from n", "'insert' does more than read")]
    [InlineData("postgres", "select * into copy_of_orders from orders", "'into' does more than read")]
    [InlineData("postgres", "select * from orders for update", "'update' does more than read")]
    [InlineData("postgres", "select $1", "write @slot")]
    [InlineData("postgres", "select :name", "write @slot")]
    [InlineData("postgres", "select $$open", "not closed")]
    [InlineData("postgres", "select 'a\\'; delete from orders; --'", "more than one")]
    [InlineData("mysql", "select 1 into outfile '/tmp/x'", "'into' does more than read")]
    [InlineData("mysql", "select 1 /*! ; delete from orders */", "MySQL executes")]
    [InlineData("mysql", "select @@version", "without a name")]
    [InlineData("sqlserver", "select 1 exec xp_cmdshell 'x'", "'exec' does more than read")]
    [InlineData("sqlserver", "select * from openrowset('x', 'y', 'z')", "'openrowset' does more than read")]
    public void Anything_else_is_refused_with_the_reason(string provider, string text, string reason) =>
        Assert.Contains(reason, SqlText.Read(text, provider).Problem ?? "(taken)", StringComparison.Ordinal);

    [Theory]
    [InlineData("insert into bookings (id, date) values (@idempotency_key, @date) returning id", null)]
    [InlineData("call make_booking(@date)", null)]
    [InlineData("update a set b = 1; update c set d = 2", "more than one")]
    [InlineData("", "empty")]
    public void An_action_is_one_statement_of_any_kind(string text, string? reason)
    {
        var problem = SqlText.Write(text, "postgres").Problem;

        if (reason is null)
        {
            Assert.Null(problem);
        }
        else
        {
            Assert.Contains(reason, problem, StringComparison.Ordinal);
        }
    }
}
