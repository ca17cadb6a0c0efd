using System.Reflection;
using System.Reflection.Emit;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Nlu;
using IntentRouter.Plugins;

namespace IntentRouter.Adapters.Tests.Plugins;

public sealed class PluginDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _plugins = Directory.CreateTempSubdirectory("plugins-");

    public void Dispose() => _plugins.Delete(recursive: true);

    [Fact]
    public void A_plugin_is_loaded_into_a_context_of_its_own()
    {
        Write("one", "Contoso.One", "contoso");
        var (modules, refused) = PluginDirectory.Load(_plugins.FullName);
        Assert.Empty(refused);
        var module = Assert.Single(modules);
        Assert.Equal("contoso", module.Module.Type);
        Assert.IsType<AdapterLoadContext>(System.Runtime.Loader.AssemblyLoadContext.GetLoadContext(module.Module.GetType().Assembly));
        Assert.Equal(typeof(AdapterModule).Assembly.GetName().Version, module.SdkVersion);
        Assert.True(module.IsPlugin);
    }

    [Fact]
    public void A_directory_that_is_not_there_has_no_plugins() =>
        Assert.Empty(PluginDirectory.Load(Path.Combine(_plugins.FullName, "nowhere")).Modules);

    [Fact]
    public void A_plugin_of_a_newer_contract_is_refused_with_both_versions()
    {
        Write("one", "Contoso.Newer", "contoso");
        var refusal = Assert.Single(PluginDirectory.Load(_plugins.FullName, new Version(0, 0, 9, 0)).Refused);
        Assert.Contains("built for version 0.1.0 of the SDK, and this service has 0.0.9; update the service", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Contoso.Newer.dll", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_of_another_major_version_is_refused()
    {
        Write("one", "Contoso.Older", "contoso");
        var refusal = Assert.Single(PluginDirectory.Load(_plugins.FullName, new Version(2, 0, 0, 0)).Refused);
        Assert.Contains("update the plugin", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_module_is_refused()
    {
        Write("one", "Contoso.None");
        Assert.Contains("exports no module", Assert.Single(PluginDirectory.Load(_plugins.FullName).Refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_modules_are_refused_by_name()
    {
        Write("one", "Contoso.Two", "first", "second");
        var message = Assert.Single(PluginDirectory.Load(_plugins.FullName).Refused).Message;
        Assert.Contains("exports 2 modules (Contoso.Two.Module0, Contoso.Two.Module1)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_an_adapter_is_refused_with_its_path()
    {
        var folder = _plugins.CreateSubdirectory("junk");
        File.WriteAllText(Path.Combine(folder.FullName, "junk.dll"), "not an assembly");
        var refusal = Assert.Single(PluginDirectory.Load(_plugins.FullName).Refused);
        Assert.Equal(folder.FullName, refusal.Origin);
    }

    [Fact]
    public void An_assembly_beside_the_plugins_is_refused()
    {
        File.WriteAllText(Path.Combine(_plugins.FullName, "lost.dll"), "");
        Assert.Contains("folder of its own", Assert.Single(PluginDirectory.Load(_plugins.FullName).Refused).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_bad_plugin_does_not_hide_another()
    {
        Write("bad", "Contoso.Bad");
        Write("good", "Contoso.Good", "good");
        var (modules, refused) = PluginDirectory.Load(_plugins.FullName);
        Assert.Single(modules);
        Assert.Single(refused);
    }

    [Theory]
    [InlineData("lex", true)]
    [InlineData("rasa", false)]
    public void A_type_that_is_taken_is_an_error_where_an_entry_names_it(string used, bool warning)
    {
        Write("one", "Contoso.Taken", "rasa");
        var installed = new InstalledPlugins([InstalledModule.BuiltIn<Rasa.RasaModule>(), InstalledModule.BuiltIn<Lex.LexModule>()]);
        var problem = Assert.Single(installed.Load(_plugins.FullName, [used]));
        Assert.Equal(("plugins:directory", warning), (problem.Path, problem.IsWarning));
        Assert.Contains("'rasa' is already taken by the service itself", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(Activator))]
    [InlineData(nameof(Type))]
    public void A_module_that_throws_is_refused_with_its_reason(string where)
    {
        Write("one", "Contoso.Throws", where == nameof(Type) ? Throwing.InType : Throwing.InConstructor);
        var refusal = Assert.Single(PluginDirectory.Load(_plugins.FullName).Refused);
        Assert.Contains("Contoso.Throws.Module0 cannot be created: no licence", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("rasa", true)]
    [InlineData("contoso", false)]
    public void A_broken_plugin_stops_only_who_names_it(string adapter, bool starts)
    {
        Write("one", "Contoso.Throws", Throwing.InConstructor);
        var loaded = RouterConfigurationLoader.Parse(
            $$"""
            chat: { baseUrl: "http://127.0.0.1:1" }
            plugins: { directory: "{{_plugins.FullName}}" }
            nlu:
              main: { adapter: {{adapter}}, url: "http://127.0.0.1:1" }
            bots:
              shop: { language: en, accountId: 1, inboxes: [1], accessToken: t, webhookSecret: s, nlu: { use: [main] } }
            """,
            _plugins.FullName,
            ServiceParts.Of());
        var problem = Assert.Single(loaded.Problems, p => p.Path == "plugins:directory");
        Assert.Equal(starts, problem.IsWarning);
        Assert.Contains("no licence", problem.Message, StringComparison.Ordinal);
        Assert.Equal(!starts, problem.Remedy.Contains("names the adapter 'contoso'", StringComparison.Ordinal));
        Assert.Equal(starts, !loaded.Errors.Any(e => e.Path.StartsWith("nlu", StringComparison.Ordinal) || e.Path.StartsWith("plugins", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_a_plugin_throws_on_a_thread_of_its_own_is_told_from_what_the_service_throws()
    {
        Write("one", "Contoso.Throws", Throwing.InConstructor);
        var path = Path.Combine(_plugins.FullName, "one", "Contoso.Throws.dll");
        var module = new AdapterLoadContext(path).LoadFromAssemblyPath(path).GetType("Contoso.Throws.Module0")!;

        var thrown = Assert.Throws<TargetInvocationException>(() => Activator.CreateInstance(module)).InnerException!;

        Assert.Equal("Contoso.Throws", PluginFault.PluginOf(new System.Diagnostics.StackTrace(thrown)));
        Assert.Null(PluginFault.PluginOf(new System.Diagnostics.StackTrace(Assert.Throws<FormatException>(() => int.Parse("x", System.Globalization.CultureInfo.InvariantCulture)))));
    }

    [Fact]
    public void What_the_contract_is_made_of_is_shared_and_nothing_else()
    {
        Assert.Contains("IntentRouter.Abstractions", AdapterLoadContext.Shared.Keys);
        Assert.Contains("Microsoft.Extensions.Options", AdapterLoadContext.Shared.Keys);
        Assert.All(AdapterLoadContext.Shared.Keys, k => Assert.True(k == "IntentRouter.Abstractions" || k.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal), k));
        Assert.DoesNotContain("Microsoft.Extensions.Http.Resilience", AdapterLoadContext.Shared.Keys);
        Assert.DoesNotContain("intent-router", AdapterLoadContext.Shared.Keys);
    }

    /// <summary>Writes an assembly with one module per type, or with a class that only uses the contract.</summary>
    private void Write(string folder, string name, params string[] types)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = new Version(1, 2, 3, 0) }, typeof(object).Assembly);
        var module = assembly.DefineDynamicModule(name);
        for (var i = 0; i < types.Length; i++)
        {
            var type = module.DefineType($"{name}.Module{i}", TypeAttributes.Public | TypeAttributes.Class, typeof(AdapterModule));
            if (types[i] == Throwing.InConstructor)
            {
                Throw(type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, []).GetILGenerator());
            }
            else
            {
                type.DefineDefaultConstructor(MethodAttributes.Public);
            }

            var getter = type.DefineMethod("get_Type", MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, typeof(string), []);
            var il = getter.GetILGenerator();
            if (types[i] == Throwing.InType)
            {
                Throw(il);
            }
            else
            {
                il.Emit(OpCodes.Ldstr, types[i]);
                il.Emit(OpCodes.Ret);
            }

            type.DefineMethodOverride(getter, typeof(AdapterModule).GetProperty(nameof(AdapterModule.Type))!.GetMethod!);
            var register = type.DefineMethod("Register", MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, typeof(void), [typeof(AdapterRegistration)]);
            register.GetILGenerator().Emit(OpCodes.Ret);
            type.DefineMethodOverride(register, typeof(AdapterModule).GetMethod(nameof(AdapterModule.Register))!);
            type.CreateType();
        }

        if (types.Length == 0)
        {
            var type = module.DefineType($"{name}.Bystander", TypeAttributes.Public | TypeAttributes.Class);
            type.DefineField("Seen", typeof(AdapterModule), FieldAttributes.Public);
            type.CreateType();
        }

        assembly.Save(Path.Combine(_plugins.CreateSubdirectory(folder).FullName, name + ".dll"));
    }

    private static void Throw(ILGenerator il)
    {
        il.Emit(OpCodes.Ldstr, "no licence");
        il.Emit(OpCodes.Newobj, typeof(NotSupportedException).GetConstructor([typeof(string)])!);
        il.Emit(OpCodes.Throw);
    }

    private static class Throwing
    {
        public const string InConstructor = "throws-in-constructor";
        public const string InType = "throws-in-type";
    }
}
