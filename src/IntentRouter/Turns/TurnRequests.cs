using System.Globalization;
using IntentRouter.Decisions;
using IntentRouter.Inbox;
using IntentRouter.Storage;
using IntentRouter.Webhooks;
using MediatR;

namespace IntentRouter.Turns;

/// <summary>A message was written: by the customer (one, or a merged burst), or by a human on the desk.</summary>
internal sealed record HandleMessageCreated(TurnContext Context) : IRequest<TurnPlan>;

internal sealed class HandleMessageCreatedHandler(TurnPipeline pipeline) : IRequestHandler<HandleMessageCreated, TurnPlan>
{
    public Task<TurnPlan> Handle(HandleMessageCreated request, CancellationToken cancellationToken)
    {
        var context = request.Context;
        var state = SessionKeeper.Observe(context);
        var messages = context.Events.Select(e => e.Event?.Message).OfType<PlatformMessage>().Where(m => m.IsCustomer).OrderBy(m => m.Id).ToList();
        if (messages.Count == 0)
        {
            return Task.FromResult(pipeline.Overhear(context, state));
        }

        var input = new CustomerInput
        {
            Kind = CustomerInputKind.Message,
            // A button that was tapped twice says it once.
            Text = string.Join('\n', messages.Select(m => m.Content?.Trim()).Where(t => !string.IsNullOrEmpty(t)).Distinct()),
            MessageId = messages[^1].Id,
            MessageIds = [.. messages.Select(m => m.Id)],
            Attachments = [.. messages.SelectMany(m => m.Attachments)],
        };
        return pipeline.RunAsync(context, state, input, cancellationToken);
    }
}

/// <summary>A form, an option or an e-mail prompt was answered.</summary>
internal sealed record HandleMessageUpdated(TurnContext Context) : IRequest<TurnPlan>;

internal sealed class HandleMessageUpdatedHandler(TurnPipeline pipeline) : IRequestHandler<HandleMessageUpdated, TurnPlan>
{
    public Task<TurnPlan> Handle(HandleMessageUpdated request, CancellationToken cancellationToken)
    {
        var context = request.Context;
        var state = SessionKeeper.Observe(context);
        if (context.Events[^1].Event?.Message is not { Author: Author.Bot } message)
        {
            return Task.FromResult(TurnPlan.Nothing(state));
        }

        IEnumerable<SubmittedValue> email = message.SubmittedEmail is { Length: > 0 } address ? [new SubmittedValue("email", null, address)] : [];
        var input = new CustomerInput
        {
            Kind = CustomerInputKind.Submission,
            MessageId = message.Id,
            MessageIds = [message.Id],
            PromptKey = message.Marker,
            Submitted = [.. message.Submitted.Select(s => new SubmittedValue(s.Name, s.Title, s.Value)), .. email],
        };
        return pipeline.RunAsync(context, state, input, cancellationToken);
    }
}

/// <summary>A visitor opened the widget.</summary>
internal sealed record HandleWidgetTriggered(TurnContext Context) : IRequest<TurnPlan>;

internal sealed class HandleWidgetTriggeredHandler(TurnPipeline pipeline, IEventStore store) : IRequestHandler<HandleWidgetTriggered, TurnPlan>
{
    private const string Area = "greeted";

    public async Task<TurnPlan> Handle(HandleWidgetTriggered request, CancellationToken cancellationToken)
    {
        var context = request.Context;
        var state = SessionKeeper.Observe(context);
        var widget = context.Events[^1].Event?.Widget;

        // The first opening happens before there is a conversation, so the day is kept with the visitor.
        var visitor = string.Create(CultureInfo.InvariantCulture, $"{context.Bot.Name}/{context.Conversation.Account}/{widget?.ContactInboxId}");
        var before = await store.GetAsync(Area, visitor, cancellationToken);
        state = before is null ? state : state with { Session = state.Session with { GreetedOn = before } };
        var plan = await pipeline.RunAsync(context, state, new CustomerInput { Kind = CustomerInputKind.WidgetOpened, SourceId = widget?.SourceId }, cancellationToken);
        if (plan.State.Session.GreetedOn is { } day && day != before)
        {
            // Before the commit: a crash in between costs a greeting, the other order could greet twice.
            await store.PutAsync(Area, visitor, day, TimeSpan.FromDays(2), cancellationToken);
        }

        return plan;
    }
}

/// <summary>Status, assignment or attributes of a conversation changed.</summary>
internal sealed record HandleConversationChanged(TurnContext Context) : IRequest<TurnPlan>;

internal sealed class HandleConversationChangedHandler : IRequestHandler<HandleConversationChanged, TurnPlan>
{
    public Task<TurnPlan> Handle(HandleConversationChanged request, CancellationToken cancellationToken) =>
        Task.FromResult(SessionKeeper.NothingSaid(request.Context, SessionKeeper.Observe(request.Context)));
}

/// <summary>An action that a turn asked for has ended.</summary>
internal sealed record HandleActionCompleted(TurnContext Context) : IRequest<TurnPlan>;

internal sealed class HandleActionCompletedHandler(TurnPipeline pipeline) : IRequestHandler<HandleActionCompleted, TurnPlan>
{
    public Task<TurnPlan> Handle(HandleActionCompleted request, CancellationToken cancellationToken) => Task.FromResult(pipeline.ConcludeAction(request.Context));
}

/// <summary>Something went wrong that the customer must not pay for: hand the conversation to a human.</summary>
internal sealed record HandleTrouble(TurnContext Context) : IRequest<TurnPlan>;

internal sealed class HandleTroubleHandler(TurnPipeline pipeline) : IRequestHandler<HandleTrouble, TurnPlan>
{
    public Task<TurnPlan> Handle(HandleTrouble request, CancellationToken cancellationToken) => Task.FromResult(pipeline.HandOffTrouble(request.Context));
}
