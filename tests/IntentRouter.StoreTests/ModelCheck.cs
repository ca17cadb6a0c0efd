using System.Globalization;
using System.Text;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.StoreTests;

/// <summary>
/// Workers of several replicas, some of them paused beyond their lease or killed, in an order that a seed decides. Every call of the store is one step, so
/// any two workers may be interleaved anywhere. After each step what must never happen is looked for; at the end everything must have happened.
/// </summary>
internal sealed class ModelCheck
{
    private static readonly CancellationToken _none = CancellationToken.None;
    private static readonly TimeSpan _settle = TimeSpan.FromSeconds(20);

    private readonly StoreHost _host;
    private readonly IReadOnlyList<IEventStore> _replicas;
    private readonly Random _random;
    private readonly int _seed;
    private readonly List<Worker> _workers = [];
    private readonly Dictionary<string, List<Known>> _events = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _applied = new(StringComparer.Ordinal);
    private readonly List<(string Conversation, string Effect)> _echoes = [];
    private readonly List<(TimeSpan At, string Conversation, string Effect)> _late = [];
    private readonly StringBuilder _log = new();
    private TimeSpan _now;
    private int _nextEvent;

    public ModelCheck(StoreHost host, IReadOnlyList<IEventStore> replicas, int seed)
    {
        _host = host;
        _replicas = replicas;
        _seed = seed;
#pragma warning disable CA5394 // Repeatable, not secret.
        _random = new Random(seed);
#pragma warning restore CA5394
    }

    /// <summary>A rule of sending that is left out, to see that it is needed.</summary>
    public SendRule? Without { get; init; }

    public int Takeovers { get; private set; }

    public int Repeated { get; private set; }

    public int Dropped { get; private set; }

    public int FromMemory { get; private set; }

    public async Task RunAsync(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            await StepAsync();
        }

        await FinishAsync();
    }

    private async Task StepAsync()
    {
        switch (Next(100))
        {
            case < 12:
                await AppendAsync();
                break;
            case < 80:
                if (_workers.Count > 0 && _workers[Next(_workers.Count)] is { Paused: false } running)
                {
                    await WorkAsync(running);
                }

                break;
            case < 85:
                // The live ones are renewed; a paused one is not.
                await RenewAsync(_workers.Where(w => !w.Paused));
                break;
            case < 89:
                await RecoverAsync(Next(_replicas.Count));
                break;
            case < 93:
                await AdvanceAsync(TimeSpan.FromMilliseconds(Next(12_000)));
                break;
            case < 96:
                if (_workers.Count > 0)
                {
                    var worker = _workers[Next(_workers.Count)];
                    worker.Paused = !worker.Paused || Next(3) > 0;
                }

                break;
            case < 97:
                if (_workers.Count > 0)
                {
                    Note("kill");
                    _workers.RemoveAt(Next(_workers.Count));
                }

                break;
            default:
                await EchoAsync();
                break;
        }
    }

    private async Task AppendAsync()
    {
        var conversation = $"shop/3/{Next(4).ToString(CultureInfo.InvariantCulture)}";
        var known = _events.TryGetValue(conversation, out var list) ? list : _events[conversation] = [];
        var repeats = known.Count > 0 && Next(6) == 0;
        var key = repeats ? known[Next(known.Count)].Key : $"k{_nextEvent++.ToString(CultureInfo.InvariantCulture)}";
        var human = !repeats && Next(8) == 0;
        var replica = Next(_replicas.Count);
        var appended = await _replicas[replica].AppendAsync(
            Given.Event(key, conversation) with { Signal = human ? EventSignal.HumanSteppedIn : EventSignal.None, StartsAtOnce = Next(2) == 0 }, _none);
        Note($"append {key} to {conversation} at {replica}: {appended}");
        Require(appended.Stored != repeats, "a duplicate was stored, or a new event was not");
        if (appended.Stored)
        {
            Require(known.Count == 0 || known[^1].Sequence < appended.Sequence, "sequences do not follow the order of receipt");
            known.Add(new Known(key, appended.Sequence, human));
        }

        Wake(replica, appended.Claim, appended.Loaded);
    }

    private async Task EchoAsync()
    {
        if (_echoes.Count == 0)
        {
            return;
        }

        var index = Next(_echoes.Count);
        var (conversation, effect) = _echoes[index];
        _echoes.RemoveAt(index);
        var replica = Next(_replicas.Count);
        var appended = await _replicas[replica].AppendAsync(Given.Echo($"echo-{effect}", effect) with { Conversation = conversation }, _none);
        Note($"echo {effect} at {replica}: {appended}");
        Wake(replica, appended.Claim);
    }

    private void Wake(int replica, Claim? claim, LoadedRows? loaded = null)
    {
        if (claim is { } held && !_workers.Exists(w => w.Replica == replica && w.Claim == held))
        {
            var worker = new Worker(replica, held);
            _workers.Add(worker);
            if (loaded is not null)
            {
                FromMemory++;
                Loaded(worker, loaded.Parse());
            }
        }
    }

    private static void Loaded(Worker worker, LoadedConversation loaded)
    {
        worker.Head = loaded.Events.FirstOrDefault(e => !e.Decided);
        worker.Effects = new Queue<StoredEffect>(loaded.Effects);
        worker.Stage = worker.Effects.Count > 0 ? Stage.Begin : worker.Head is not null ? Stage.Decide : Stage.Release;
    }

    private async Task RecoverAsync(int replica)
    {
        foreach (var claim in await _replicas[replica].RecoverAsync(2, _none))
        {
            Note($"{replica} takes over {claim}");
            Require(_workers.TrueForAll(w => w.Claim.Conversation != claim.Conversation || w.Claim.Token < claim.Token), "a token did not grow");
            Takeovers++;
            Wake(replica, claim);
        }
    }

    private async Task RenewAsync(IEnumerable<Worker> workers)
    {
        foreach (var group in workers.GroupBy(w => w.Replica).ToList())
        {
            foreach (var lost in await _replicas[group.Key].RenewAsync([.. group.Select(w => w.Claim)], _none))
            {
                Note($"{group.Key} lost {lost}");
            }
        }
    }

    private async Task WorkAsync(Worker worker)
    {
        var store = _replicas[worker.Replica];
        switch (worker.Stage)
        {
            case Stage.Load:
                if (await store.LoadAsync(worker.Claim, 100, _none) is not { } loaded)
                {
                    End(worker, "load: lost");
                    return;
                }

                Loaded(worker, loaded);
                return;
            case Stage.Decide:
                await DecideAsync(store, worker);
                return;
            case Stage.Begin:
                await BeginAsync(store, worker);
                return;
            case Stage.Send:
                Send(worker);
                return;
            case Stage.Doubt:
                var doubted = await store.EndSendAsync(worker.Claim, new EffectOutcome(worker.Effects.Peek().Key, EffectState.Sending), _none);
                Note($"doubt {worker.Effects.Peek().Key}: {doubted}");
                if (doubted)
                {
                    worker.Stage = Stage.Load;
                }
                else
                {
                    End(worker, "doubt: lost");
                }

                return;
            case Stage.End:
                await EndAsync(store, worker);
                return;
            default:
                var released = await store.ReleaseAsync(worker.Claim, null, _none);
                Note($"release {worker.Claim}: {released}");
                if (released == ReleaseResult.MoreWork)
                {
                    worker.Stage = Stage.Load;
                }
                else
                {
                    End(worker, "released");
                }

                return;
        }
    }

    private async Task DecideAsync(IEventStore store, Worker worker)
    {
        var head = worker.Head!;
        var conversation = worker.Claim.Conversation;
        Effect[] effects = [.. Enumerable.Range(0, Next(3)).Select(_ => Given.Say())];
        var turn = Given.Turn(head.Sequence, head.Key, effects) with { StateAt = 0 };

        // The turn alone, or with the beginning of its first effect.
        var begins = effects.Length > 0 && Next(2) == 0 && Without != SendRule.AskTheStoreBeforeEachSend;
        worker.AskedAt = _now;
        var step = await store.StepAsync(
            worker.Claim, new ConversationStep { Turn = turn, Begin = begins ? new BeginSend($"{head.Key}#0", SendGate.AnySignal) : null }, _none);
        Note($"decide {head.Key} with {effects.Length} by {worker.Claim}: {step}");
        if (!step.Held)
        {
            End(worker, "decide: lost");
            return;
        }

        var known = _events[conversation];
        var self = known.Single(e => e.Key == head.Key);
        Require(!self.Decided, "an event was decided twice");
        Require(known.TakeWhile(e => e != self).All(e => e.Decided), "an event was decided before an older one");
        self.Decided = true;
        foreach (var ordinal in Enumerable.Range(0, effects.Length))
        {
            self.Effects.Add($"{head.Key}#{ordinal.ToString(CultureInfo.InvariantCulture)}");
        }

        worker.Stage = Stage.Load;
        if (begins)
        {
            worker.Effects = new Queue<StoredEffect>(effects.Select((effect, ordinal) => new StoredEffect(
                self.Effects[ordinal], head.Sequence, ordinal, effect, EffectState.Planned, 0, null, null, 0)));
            await JudgedAsync(store, worker, step.Permit!);
        }
    }

    /// <summary>The end of an effect alone, with the beginning of the next, or with the conversation given back.</summary>
    private async Task EndAsync(IEventStore store, Worker worker)
    {
        var effect = worker.Effects.Peek();
        var next = worker.Effects.Skip(1).FirstOrDefault();
        var together = Next(2) == 0;
        var begins = together && next is { State: EffectState.Planned } && Without != SendRule.AskTheStoreBeforeEachSend;
        worker.AskedAt = _now;
        var step = await store.StepAsync(
            worker.Claim,
            new ConversationStep
            {
                Ended = new EffectOutcome(effect.Key, EffectState.Done),
                Begin = begins ? new BeginSend(next!.Key, SendGate.AnySignal) : null,
                GiveBack = together && next is null ? new GiveBack() : null,
            },
            _none);
        Note($"end {effect.Key}: {step}");
        NextEffect(worker, step.Held);
        if (step is { Held: true, Released: ReleaseResult.Released })
        {
            End(worker, "released");
        }
        else if (step is { Held: true, Permit: { } permit })
        {
            await JudgedAsync(store, worker, permit);
        }
    }

    private async Task BeginAsync(IEventStore store, Worker worker)
    {
        var effect = worker.Effects.Peek();
        if (effect.State == EffectState.Sending)
        {
            // In doubt: settle, then judge by what really happened.
            if (effect.SinceSent < _settle && Without != SendRule.SettleBeforeJudging)
            {
                var aside = await store.ReleaseAsync(worker.Claim, _settle - effect.SinceSent, _none);
                Note($"set {worker.Claim} aside: {aside}");
                if (aside == ReleaseResult.MoreWork)
                {
                    worker.Stage = Stage.Load;
                }
                else
                {
                    End(worker, "set aside");
                }

                return;
            }

            if (_applied.ContainsKey(effect.Key))
            {
                worker.Stage = Stage.End;
                return;
            }

            Repeated++;
        }

        worker.AskedAt = _now;
        if (Without == SendRule.AskTheStoreBeforeEachSend)
        {
            worker.Permit = new SendPermit(SendVerdict.Proceed, TimeSpan.FromDays(1), EventSignal.None);
            worker.Stage = Stage.Send;
            return;
        }

        await JudgedAsync(store, worker, await store.BeginSendAsync(worker.Claim, new BeginSend(effect.Key, SendGate.AnySignal), _none));
    }

    private async Task JudgedAsync(IEventStore store, Worker worker, SendPermit permit)
    {
        var effect = worker.Effects.Peek();
        var newer = _events[worker.Claim.Conversation].Exists(e => e.Human && e.Sequence > effect.EventSequence);
        worker.Permit = permit;
        Note($"begin {effect.Key} by {worker.Claim}: {permit.Verdict}");
        switch (permit.Verdict)
        {
            case SendVerdict.Proceed:
                Require(!newer, "a send was allowed after a human's word");
                worker.Stage = Stage.Send;
                worker.Paused = Next(8) == 0;
                return;
            case SendVerdict.Stale:
                Require(newer, "a send was called stale without a reason");
                var dropped = await store.EndSendAsync(worker.Claim, new EffectOutcome(effect.Key, EffectState.Dropped), _none);
                Dropped++;
                NextEffect(worker, dropped);
                return;
            case SendVerdict.AlreadyDone:
                Require(_applied.ContainsKey(effect.Key), "an effect was called done that was never applied");
                NextEffect(worker, true);
                return;
            default:
                End(worker, "begin: lost");
                return;
        }
    }

    private void Send(Worker worker)
    {
        if (_now - worker.AskedAt >= worker.Permit!.ValidFor && Without != SendRule.RefuseAfterTheDeadline)
        {
            End(worker, "the permit ran out");
            return;
        }

        var effect = worker.Effects.Peek();
        if (Next(5) == 0)
        {
            // The chat takes its time, and the caller gives up first.
            Note($"sent {effect.Key} by {worker.Claim}, no answer");
            _late.Add((_now + TimeSpan.FromMilliseconds(Next(8_000)), worker.Claim.Conversation, effect.Key));
            worker.Stage = Stage.Doubt;
            return;
        }

        Note($"sent {effect.Key} by {worker.Claim}");
        Apply(worker.Claim.Conversation, effect.Key);
        worker.Stage = Stage.End;
    }

    private void Apply(string conversation, string effect)
    {
        Note($"APPLIED {effect}");
        _applied[effect] = _applied.GetValueOrDefault(effect) + 1;
        Require(_applied[effect] == 1, "an effect was applied twice");
        if (Next(3) > 0)
        {
            _echoes.Add((conversation, effect));
        }
    }

    private void NextEffect(Worker worker, bool holds)
    {
        if (!holds)
        {
            End(worker, "end: lost");
            return;
        }

        worker.Effects.Dequeue();
        worker.Stage = worker.Effects.Count > 0 ? Stage.Begin : Stage.Load;
    }

    private void End(Worker worker, string why)
    {
        Note($"{worker.Claim} ends: {why}");
        _workers.Remove(worker);
    }

    private async Task FinishAsync()
    {
        for (var round = 0; round < 500; round++)
        {
            foreach (var worker in _workers.ToList())
            {
                for (var i = 0; i < 50 && _workers.Contains(worker); i++)
                {
                    await WorkAsync(worker);
                }
            }

            await AdvanceAsync(TimeSpan.FromSeconds(25));
            await RecoverAsync(Next(_replicas.Count));
            var statistics = await _replicas[0].StatisticsAsync(_none);
            if (_workers.Count == 0 && statistics is { Open: 0, EffectsOpen: 0, ActiveLeases: 0 })
            {
                break;
            }
        }

        var last = await _replicas[0].StatisticsAsync(_none);
        Require(last is { Open: 0, EffectsOpen: 0, ActiveLeases: 0 }, $"work was left over: {last}");
        foreach (var known in _events.Values.SelectMany(e => e))
        {
            Require(known.Decided, $"{known.Key} was lost");
        }

        var planned = _events.Values.SelectMany(e => e).Sum(e => e.Effects.Count);
        Require(planned == _applied.Count + Dropped, $"{planned} effects were planned, {_applied.Count} applied and {Dropped} dropped");
    }

    private async Task AdvanceAsync(TimeSpan time)
    {
        _now += time;
        await _host.AdvanceAsync(time);
        Note($"time {_now}");
        foreach (var late in _late.Where(late => late.At <= _now).ToList())
        {
            _late.Remove(late);
            Apply(late.Conversation, late.Effect);
        }
    }

#pragma warning disable CA5394 // Repeatable, not secret.
    private int Next(int below) => _random.Next(below);
#pragma warning restore CA5394

    private void Note(string what) => _log.AppendLine(what);

    private void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            var lines = _log.ToString().Split('\n');
            Assert.Fail($"Seed {_seed}: {otherwise}.\n{string.Join('\n', lines.TakeLast(60))}");
        }
    }

    private enum Stage
    {
        Load,
        Decide,
        Begin,
        Send,
        Doubt,
        End,
        Release,
    }

    private sealed class Worker(int replica, Claim claim)
    {
        public int Replica => replica;

        public Claim Claim => claim;

        public Stage Stage { get; set; }

        public bool Paused { get; set; }

        public StoredEvent? Head { get; set; }

        public Queue<StoredEffect> Effects { get; set; } = [];

        public SendPermit? Permit { get; set; }

        public TimeSpan AskedAt { get; set; }
    }

    private sealed class Known(string key, long sequence, bool human)
    {
        public string Key => key;

        public long Sequence => sequence;

        public bool Human => human;

        public bool Decided { get; set; }

        public List<string> Effects { get; } = [];
    }
}

internal enum SendRule
{
    AskTheStoreBeforeEachSend,
    SettleBeforeJudging,
    RefuseAfterTheDeadline,
}
