using System.Diagnostics;
using System.Globalization;

namespace IntentRouter.CrashTests;

/// <summary>A disk in memory that is soon full. Mounting one takes root.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string directory)
    {
        Directory = directory;
    }

    public string Directory { get; }

    private string Ballast => Path.Combine(Directory, "ballast");

    /// <summary>Null where that is not allowed.</summary>
    public static SmallDisk? Mount(int megabytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var directory = System.IO.Directory.CreateTempSubdirectory("small-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m"), "tmpfs", directory))
        {
            return new SmallDisk(directory);
        }

        System.IO.Directory.Delete(directory);
        return null;
    }

    /// <summary>Takes all the room that is left.</summary>
    public async Task FillAsync()
    {
        await using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var block = new byte[4_096];
        try
        {
            while (true)
            {
                await file.WriteAsync(block);
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    public void MakeRoom() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", "-l", Directory);
        System.IO.Directory.Delete(Directory);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
