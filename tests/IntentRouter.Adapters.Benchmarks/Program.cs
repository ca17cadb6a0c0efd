using IntentRouter.Adapters.Benchmarks;

// One verb per question; each prints its figures and ends with 1 when a promise is broken.
return args switch
{
    ["adapters", ..] => await AdapterOverhead.RunAsync(),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: IntentRouter.Adapters.Benchmarks adapters");
    return 2;
}
