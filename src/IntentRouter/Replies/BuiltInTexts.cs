namespace IntentRouter.Replies;

/// <summary>The texts that the product itself needs, in English; a text file overrides any of them by its key.</summary>
internal static class BuiltInTexts
{
    public static IReadOnlyDictionary<string, string> English { get; } = new Dictionary<string, string>
    {
        ["greeting"] = "Hello! How can I help you?",
        ["fallback"] = "Sorry, I did not understand that. Could you say it in other words?",
        ["clarify"] = "I want to be sure I understand. Which of these do you mean?",
        ["clarify.one"] = "Did I understand you right?",
        ["clarify.other"] = "Something else",
        ["ask"] = "Please tell me: {{ slot }}.",
        ["problem.not-understood"] = "Sorry, I could not make that out.",
        ["problem.not-an-email"] = "That does not look like a complete e-mail address.",
        ["problem.not-a-phone"] = "That does not look like a complete phone number.",
        ["problem.too-small"] = "It has to be at least {{ limit }}.",
        ["problem.too-large"] = "It can be {{ limit }} at most.",
        ["problem.too-long"] = "That is too long; {{ limit }} characters at most, please.",
        ["problem.not-future"] = "That date is in the past.",
        ["problem.not-past"] = "That date is in the future.",
        ["confirm"] = "Shall I go ahead?",
        ["confirm.again"] = "Please answer yes or no.",
        ["confirm.yes"] = "Yes",
        ["confirm.no"] = "No",
        ["cancelled"] = "All right, I have stopped. Nothing was changed.",
        ["resume"] = "Now back to where we were.",
        ["proof.code-sent"] = "To keep your data safe I have sent a code to {{ address | mask }}. Please type it here.",
        ["proof.not-a-code"] = "Please type the code that I sent to {{ address | mask }}.",
        ["proof.wrong-code"] = "That code is not right. Please check it and type it again.",
        ["found"] = "I have found it.",
        ["not-found"] = "I could not find anything with these details. Please check them and tell me what to change.",
        ["done"] = "Done.",
        ["handoff.default"] = "I am passing you to a colleague, who will answer you here.",
        ["handoff.closed"] = "Our team is not at the desk right now{% if hours.next %} and will be back on {{ hours.next | date }} at {{ hours.next | time }}{% endif %}. I have passed your message on; they will answer you here.",
        ["handoff.asked"] = "Of course. I am passing you to a colleague, who will answer you here.",
        ["handoff.low-confidence"] = "I do not want to guess, so I am passing you to a colleague, who will answer you here.",
        ["handoff.attempts-used"] = "Let us not go round in circles: I am passing you to a colleague, who will answer you here.",
        ["handoff.sensitive"] = "I am sorry about this. A colleague will look after it personally and answer you here.",
        ["handoff.lookup-failed"] = "I cannot look that up right now. A colleague will do it for you and answer you here.",
        ["handoff.action-failed"] = "I could not complete that, so a colleague will see to it and answer you here.",
        ["handoff.proof-failed"] = "I could not confirm these details, so for your safety a colleague will take over from here.",
        ["handoff.unsupported"] = "I can only read text, so I am passing this to a colleague, who will answer you here.",
    };
}
