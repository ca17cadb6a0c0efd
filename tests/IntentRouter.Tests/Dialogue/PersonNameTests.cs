using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Dialogue;
using IntentRouter.Tests.Decisions;

namespace IntentRouter.Tests.Dialogue;

/// <summary>What people answer when they are asked for a name, and the name in it.</summary>
public class PersonNameTests
{
    [Theory]
    [InlineData("Ana Costa", "Ana Costa")]
    [InlineData("My name is Ana Costa.", "Ana Costa")]
    [InlineData("it's Tom", "Tom")]
    [InlineData("hi, I'm Tom", "Tom")]
    [InlineData("under Smith please", "Smith")]
    [InlineData("Mein Name ist Jürgen Groß", "Jürgen Groß")]
    [InlineData("auf den Namen Weber bitte", "Weber")]
    [InlineData("je m'appelle Amélie", "Amélie")]
    [InlineData("me llamo José", "José")]
    [InlineData("meu nome é João", "João")]
    [InlineData("mi chiamo Ugo Forli, grazie", "Ugo Forli")]
    [InlineData("ik heet Sanne de Vries", "Sanne de Vries")]
    [InlineData("Ana Costa, ana@example.com", "Ana Costa")]
    [InlineData("Ana Costa ana@example.com", "Ana Costa")]
    [InlineData("3 people, Tom Jones", "Tom Jones")]
    [InlineData("Forsythe", "Forsythe")]
    [InlineData("Iman", "Iman")]
    [InlineData("make it 3 people", null)]
    [InlineData("ana@example.com", null)]
    public void The_name_is_what_is_left(string text, string? expected)
    {
        var options = new RouteOptions
        {
            Slots =
            {
                ["guests"] = new SlotOptions { Type = "number", Max = 6 },
                ["name"] = new SlotOptions { Type = "text", From = "contact.name" },
                ["email"] = new SlotOptions { Type = "email" },
            },
        };
        var input = DeskOfOne.Input(DeskOfOne.Bot(), text, "none");

        var filled = SlotFiller.Fill(input, options, new ActiveRoute { Route = "book", Intent = "book" }, text, [], asked: "name");

        Assert.Equal(expected, filled.Route.Slots.GetValueOrDefault("name")?.Value);
    }

    [Fact]
    public void Any_other_text_stays_as_it_is()
    {
        var slot = new SlotOptions { Type = "text" };
        var options = new RouteOptions { Slots = { ["reason"] = slot } };

        var filled = SlotFiller.Fill(DeskOfOne.Input(DeskOfOne.Bot(), "", "none"), options, new ActiveRoute { Route = "a", Intent = "a" }, "it is my tooth, please", [], asked: "reason");

        Assert.Equal("it is my tooth, please", filled.Route.Slots["reason"].Value);
    }
}
