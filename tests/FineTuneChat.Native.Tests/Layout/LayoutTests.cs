using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FineTuneChat.Gguf;
using FineTuneChat.Native.Interop;
using FineTuneChat.Native.Loading;

namespace FineTuneChat.Native.Tests.Layout;

/// <summary>The structs of the bindings against what the C compiler printed from the headers (layout.c → layout.txt).</summary>
public sealed class LayoutTests
{
    private static readonly Dictionary<string, int> Native = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Layout", "layout.txt"))
        .Select(line => line.Split(' ')).ToDictionary(pair => pair[0], pair => int.Parse(pair[1]));

    public static TheoryData<string> Structs => [.. Native.Keys.Where(k => !k.Contains('.'))];

    [Theory]
    [MemberData(nameof(Structs))]
    public void A_struct_lies_in_memory_as_in_C(string name)
    {
        Type type = typeof(LlamaNative).Assembly.GetType($"{typeof(LlamaNative).Namespace}.{name}", throwOnError: true)!;
        FieldInfo[] fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

        Assert.Equal(Native[name], SizeOf(type));
        Assert.Equal(Native.Where(n => n.Key.StartsWith(name + ".", StringComparison.Ordinal)).ToDictionary(n => n.Key, n => n.Value),
            fields.ToDictionary(f => $"{name}.{f.Name}", f => OffsetOf(type, f)));
    }

    [Fact]
    public unsafe void A_type_of_GGUF_files_has_the_blocks_that_ggml_gives_it()
    {
        NativeLibraries.Load();
        Assert.All(GgmlTypes.Known, type =>
        {
            ggml_type_traits* traits = GgmlNative.ggml_get_type_traits((int)type);
            Assert.Equal((traits->blck_size, (long)traits->type_size), (GgmlTypes.BlockSize(type), GgmlTypes.BlockBytes(type)));
            Assert.Equal(type.ToString(), Marshal.PtrToStringUTF8((nint)traits->type_name), ignoreCase: true);
        });
    }

    private static int SizeOf(Type type) => (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!;

    private static int OffsetOf(Type type, FieldInfo field) => (int)Marshal.OffsetOf(type, field.Name);
}
