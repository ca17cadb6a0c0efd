using System.Diagnostics;
using OpenTelemetry;

namespace IntentRouter.Diagnostics;

/// <summary>
/// Takes out of a span, before it is exported, what the libraries put in and what may be a secret or a person's: a webhook's path holds the bot's key,
/// a lookup's address what the customer asked for, and an exception's message whatever it stumbled over. Host, route and type of error stay.
/// </summary>
internal sealed class SpanRedaction : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem("url.full") is string address)
        {
            data.SetTag("url.full", Uri.TryCreate(address, UriKind.Absolute, out var url) ? url.GetLeftPart(UriPartial.Authority) : null);
        }

        if (data.GetTagItem("url.path") is not null)
        {
            data.SetTag("url.path", data.GetTagItem("http.route"));
        }

        data.SetTag("url.query", null);
        if (data.Source.Name != RouterTelemetry.Name && data.StatusDescription is not null)
        {
            data.SetStatus(data.Status);
        }
    }
}
