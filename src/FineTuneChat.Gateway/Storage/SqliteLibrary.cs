using System.Reflection;
using System.Runtime.InteropServices;

namespace FineTuneChat.Gateway.Storage;

/// <summary>Loads the system's SQLite, which gets security fixes; the older one that the package bundles only where the system has none.</summary>
internal static class SqliteLibrary
{
    private static readonly Lock Gate = new();
    private static bool _loaded;

    public static void Load()
    {
        lock (Gate)
        {
            if (_loaded)
                return;
            NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, Resolve);
            SQLitePCL.Batteries_V2.Init();
            _loaded = true;
        }
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        string system = OperatingSystem.IsWindows() ? "winsqlite3.dll" : OperatingSystem.IsMacOS() ? "libsqlite3.dylib" : "libsqlite3.so.0";
        return NativeLibrary.TryLoad(system, assembly, search, out nint handle) ? handle : 0; // 0: the default search finds the bundled one
    }
}
