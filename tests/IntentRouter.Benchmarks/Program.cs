using IntentRouter.Benchmarks.Nlu;

// dotnet run -c Release --project tests/IntentRouter.Benchmarks -- VERB …
return args switch
{
    ["nlu", .. var rest] => NluBenchmark.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("""
        nlu [--data DIR] [--split validation] [SET …]   figures of the embedded NLU: accuracy, out of scope, calibration, times, allocation
                                                        SET: clinc150 banking77 hwu64 clinc150-10 banking77-10 hwu64-10 bot30; default all
        """);
    return 2;
}
