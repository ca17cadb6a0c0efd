using IntentRouter.Benchmarks.Crash;
using IntentRouter.Benchmarks.Inbox;
using IntentRouter.Benchmarks.Nlu;

// dotnet run -c Release --project tests/IntentRouter.Benchmarks -- VERB …
return args switch
{
    ["nlu", .. var rest] => NluBenchmark.Run(rest),
    ["inbox", .. var rest] => await InboxBenchmark.RunAsync(rest),
    ["inbox-host", var role, var configuration] => await BenchHost.RunAsync(role, configuration),
    ["crash", .. var rest] => await CrashBenchmark.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    System.Console.Error.WriteLine("""
        nlu [--data DIR] [--split validation] [SET …]   figures of the embedded NLU: accuracy, out of scope, calibration, times, allocation
                                                        SET: clinc150 banking77 hwu64 clinc150-10 banking77-10 hwu64-10 bot30; default all
        inbox [--rounds 3] [--seconds 3] [--warm-up 3] [--stores sqlite,postgres] [--postgres CONNECTION] [PART …]
                                                        acknowledgements and whole turns against an endpoint that only parses, as ratios
                                                        PART: ack engine bare pace replicas history; default all
        crash [--kills 200] [sqlite] [postgres]         SIGKILL at random moments under load; counts what was lost, answered twice or out of order
        """);
    return 2;
}
