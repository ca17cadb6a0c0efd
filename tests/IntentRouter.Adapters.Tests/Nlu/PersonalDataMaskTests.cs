using IntentRouter.Nlu;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Nlu;

public sealed class PersonalDataMaskTests
{
    [Theory]
    [InlineData("mail ada.lovelace@example.co.uk please", "email", "ada.lovelace@")]
    [InlineData("call +49 (0)151 234-56789 now", "phone", "234-56789")]
    [InlineData("call 0171/2345678 now", "phone", "2345678")]
    [InlineData("card 4111 1111 1111 1111 ok", "card", "4111 1111")]
    [InlineData("order #A-48213-X arrived", "order", "48213")]
    [InlineData("where is 48213?", "order", "48213")]
    [InlineData("where is #2026?", "order", "2026")]
    [InlineData("where is 2150?", "order", "2150")]
    [InlineData("order 48213 of 12 December 2026", "order", "48213")]
    [InlineData("card 4111 1111 1111 1111 12/26 123", "card", "1111 1111")]
    [InlineData("+49 151 2345678 4111 1111 1111 1111", "card", "1111 1111")]
    [InlineData("call 0151 2345678 48213 59321", "phone", "2345678")]
    [InlineData("call 0151 2345678 12.12.2026", "phone", "2345678")]
    [InlineData("12.12.2026 0151 2345678", "phone", "2345678")]
    [InlineData("call 01.23.45.67.89 now", "phone", "45.67")]
    [InlineData("🎉 order 48213 for zoë@example.com", "order email", "zoë@")]
    public void What_is_hidden_leaves_with_its_shape(string text, string kinds, string secret)
    {
        var masked = PersonalDataMask.Hide(text, kinds.Split(' '));
        Assert.DoesNotContain(secret, masked.Text, StringComparison.Ordinal);
        Assert.Equal(text.Length, masked.Text.Length);
        Assert.NotEmpty(masked.Hidden);
        Assert.All(masked.Hidden, h => Assert.DoesNotContain(h.Original, h.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("see you on 12.05.2026 at 18:30", "phone")]
    [InlineData("2 pizzas and 3 drinks", "order")]
    [InlineData("a@b is not an address", "email")]
    [InlineData("order 48213", "email")]
    [InlineData("a table on 12 December 2026 please", "order")]
    [InlineData("from 2026-10-05 to 08.10.2026", "order phone card")]
    [InlineData("since 1999", "order")]
    public void What_is_not_meant_stays(string text, string kinds) => Assert.Equal(text, PersonalDataMask.Hide(text, kinds.Split(' ')).Text);

    [Fact]
    public void Different_values_get_different_stand_ins_and_the_same_value_the_same()
    {
        var hidden = PersonalDataMask.Hide("48213 or 59321 or 48213", ["order"]).Hidden;
        Assert.Equal(3, hidden.Count);
        Assert.Equal(hidden[0].StandIn, hidden[2].StandIn);
        Assert.NotEqual(hidden[0].StandIn, hidden[1].StandIn);
    }

    [Fact]
    public void A_card_stand_in_passes_the_check_digit()
    {
        var standIn = PersonalDataMask.Hide("4111 1111 1111 1111", ["card"]).Text;
        var digits = standIn.Where(char.IsAsciiDigit).Select(c => c - '0').Reverse();
        Assert.Equal(0, digits.Select((d, i) => i % 2 == 0 ? d : d * 2 > 9 ? (d * 2) - 9 : d * 2).Sum() % 10);
    }

    [Fact]
    public async Task A_remote_engine_sees_stand_ins_and_slots_get_the_real_values()
    {
        await using var bench = await new NluBench()
            .Add("cloud", o => o.Mask = ["email", "order"], new AdapterCapabilities { Remote = true, ReportsSpans = true, Dialogue = true })
            .LoadAsync();
        bench["cloud"].Always((utterance, _) =>
        {
            // As engines do: a value without its hash, words in another case, and an echo.
            var number = utterance.Text.Split(' ')[1];
            var mail = utterance.Text.Split(' ')[3];
            return Task.FromResult(ScriptedAdapter.Ranked(("order_status", 0.9)) with
            {
                Entities =
                [
                    new Entity("order_number", number.TrimStart('#')) { Start = 6, Length = number.Length },
                    new Entity("email", mail.ToUpperInvariant()) { Text = mail },
                ],
                ProviderReply = new ProviderReply { Messages = [$"Looking for {number}."] },
            });
        });
        var heard = await bench.AskAsync(new Utterance("order #48213 for ada@example.com", "en"), ["cloud"]);
        var seen = Assert.Single(bench["cloud"].Asked).Text;
        Assert.DoesNotContain("48213", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("ada@", seen, StringComparison.Ordinal);
        Assert.Equal(("48213", "#48213"), (heard.Understanding!.Entities[0].Value, heard.Understanding.Entities[0].Text));
        Assert.Equal("ada@example.com", heard.Understanding.Entities[1].Value);
        Assert.Equal("Looking for #48213.", heard.Understanding.ProviderReply!.Messages[0]);
    }

    [Fact]
    public async Task An_engine_inside_the_process_sees_the_text_as_it_is()
    {
        await using var bench = await new NluBench().Add("local", o => o.Mask = ["order"]).LoadAsync();
        await bench.AskAsync("order 48213", "local");
        Assert.Equal("order 48213", Assert.Single(bench["local"].Asked).Text);
    }

    [Fact]
    public void A_long_hostile_text_is_masked_in_linear_time()
    {
        var text = string.Concat(Enumerable.Repeat("1-1.1 a@a. +(1 #1_", 8000));
        var masked = PersonalDataMask.Hide(text, ["email", "phone", "card", "order"]);
        Assert.Equal(text.Length, masked.Text.Length);
    }

    [Fact]
    public void Thousands_of_numbers_are_all_hidden_and_those_that_share_a_stand_in_are_not_put_back()
    {
        var text = string.Join(' ', Enumerable.Range(100_000, 20_000).Select(n => $"n{n}"));
        var masked = PersonalDataMask.Hide(text, ["order"]);
        Assert.Equal(text.Length, masked.Text.Length);
        Assert.Equal(20_000, masked.Hidden.Count);
        Assert.DoesNotContain("n1199", masked.Text, StringComparison.Ordinal);
        var heard = new Understanding { Entities = [new Entity("a", masked.Hidden[0].StandIn), new Entity("b", masked.Hidden[^1].StandIn)] };
        Assert.Equal(["n100000", "xxxxxxx"], PersonalDataMask.PutBack(heard, masked).Entities.Select(e => e.Value));
    }
}
