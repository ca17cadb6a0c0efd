namespace IntentRouter.Fulfillment;
internal interface IActionCatalog { IAction Find(Configuration.RouterConfiguration configuration, string name); }
internal sealed class CodeSenderCatalog { public static Task<bool> SendAsync(Turns.SendCode code, CancellationToken t) => Task.FromResult(false); }
