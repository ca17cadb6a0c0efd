// Each test starts processes of its own and waits for what they do in time: side by side they would only slow each other down.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
