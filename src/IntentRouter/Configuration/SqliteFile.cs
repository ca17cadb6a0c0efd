using Microsoft.Data.Sqlite;

namespace IntentRouter.Configuration;

/// <summary>A relative database file refers to the directory of the configuration file, not to wherever the service was started.</summary>
internal static class SqliteFile
{
    /// <param name="connection">The connection string.</param>
    /// <param name="directory">Where the file that names it lies.</param>
    /// <param name="made">Databases that stand for those of their name, as full paths.</param>
    public static string Absolute(string connection, string directory, IReadOnlyList<string>? made = null)
    {
        SqliteConnectionStringBuilder builder;
        try
        {
            builder = new SqliteConnectionStringBuilder(connection);
        }
        catch (ArgumentException)
        {
            // Whoever opens it says what is wrong with it.
            return connection;
        }

        if (builder.DataSource.Length == 0 || builder.DataSource == ":memory:" || builder.DataSource.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || builder.Mode == SqliteOpenMode.Memory)
        {
            return connection;
        }

        builder.DataSource = made?.FirstOrDefault(file => Path.GetFileName(file) == builder.DataSource) ?? Path.GetFullPath(builder.DataSource, directory);
        return builder.ToString();
    }
}
