using System.Globalization;

namespace IntentRouter.Provisioning;

/// <summary>What to type into the chat's Rails console, where no token exists (contract 6.4). Each step may be run again.</summary>
internal static class ConsoleSteps
{
    private const string Opening = "# On the chat's server: RAILS_ENV=production bundle exec rails console";

    public static string Create(BotTarget target, string url) => string.Join('\n',
        Opening,
        Find(target, "find_or_initialize_by"),
        $"bot.update!(outgoing_url: {Quote(url)})",
        "puts \"agentBotId: #{bot.id}\", \"accessToken: #{bot.access_token.token}\"",
        "puts \"webhookSecret: #{bot.secret}\" if bot.respond_to?(:secret)   # 4.13 and later");

    public static string Connect(BotTarget target, IEnumerable<long> inboxes, bool disconnect) => string.Join('\n',
        [Opening, Find(target, "find_by!"), .. inboxes.Select(i => i.ToString(CultureInfo.InvariantCulture)).Select(i => disconnect
            ? $"AgentBotInbox.where(inbox_id: {i}, agent_bot_id: bot.id).destroy_all"
            : $"AgentBotInbox.find_or_initialize_by(inbox_id: {i}).update!(agent_bot: bot, status: :active)")]);

    public static string Rotate(BotTarget target, bool token, bool secret, string? url) => string.Join('\n',
        new[]
        {
            Opening,
            Find(target, "find_by!"),
            url is null ? null : $"bot.update!(outgoing_url: {Quote(url)})",
            token ? "bot.access_token.regenerate_token\nputs \"accessToken: #{bot.access_token.reload.token}\"" : null,
            secret ? "bot.reset_secret!\nputs \"webhookSecret: #{bot.secret}\"   # 4.13 and later" : null,
        }.OfType<string>());

    public static string List() => string.Join('\n',
        Opening,
        "AgentBot.order(:id).each do |bot|",
        "  inboxes = AgentBotInbox.where(agent_bot_id: bot.id).map { |c| \"#{c.inbox_id} #{c.status}\" }",
        "  puts \"#{bot.id} #{bot.name} account=#{bot.account_id || 'global'} inboxes=#{inboxes.join(', ')}\"",
        "end");

    private static string Find(BotTarget target, string how) =>
        target.Id is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"bot = AgentBot.find({id})")
            : string.Create(CultureInfo.InvariantCulture, $"bot = AgentBot.{how}(name: {Quote(target.Name)}, account_id: {target.Account?.ToString(CultureInfo.InvariantCulture) ?? "nil"})");

    /// <summary>A Ruby string that interpolates nothing.</summary>
    private static string Quote(string text) => "'" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal) + "'";
}
