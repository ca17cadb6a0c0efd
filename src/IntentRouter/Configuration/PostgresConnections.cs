using Npgsql;

namespace IntentRouter.Configuration;

/// <summary>What every connection to PostgreSQL has in common, the store's and a lookup's.</summary>
internal static class PostgresConnections
{
    /// <summary>"Preferred", the default, looks for Kerberos and writes to the console that the image has none.</summary>
    public static NpgsqlConnectionStringBuilder WithoutPreferredKerberos(this NpgsqlConnectionStringBuilder connection)
    {
        connection.GssEncryptionMode = connection.GssEncryptionMode == GssEncryptionMode.Prefer ? GssEncryptionMode.Disable : connection.GssEncryptionMode;
        return connection;
    }
}
