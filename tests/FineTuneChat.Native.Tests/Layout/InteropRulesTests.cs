using System.Reflection;
using System.Runtime.InteropServices;
using FineTuneChat.Native.Interop;

namespace FineTuneChat.Native.Tests.Layout;

/// <summary>Keeps the habits that make bindings safe: nothing is marshalled behind our back.</summary>
public sealed class InteropRulesTests
{
    private static readonly Type[] Interop = [.. typeof(LlamaNative).Assembly.GetTypes().Where(t => t.Namespace == typeof(LlamaNative).Namespace)];

    private const BindingFlags OwnStatic = BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo[] Imports = [.. Interop.SelectMany(t => t.GetMethods(OwnStatic))
        .Where(m => m.Name.StartsWith("llama_", StringComparison.Ordinal) || m.Name.StartsWith("ggml_", StringComparison.Ordinal))];

    [Fact]
    public void Imports_are_found() => Assert.True(Imports.Length > 50);

    [Fact]
    public void No_import_takes_a_delegate_or_returns_a_string() => Assert.All(Imports, import =>
    {
        Assert.NotEqual(typeof(string), import.ReturnType);
        Assert.All(import.GetParameters(), p => Assert.False(typeof(Delegate).IsAssignableFrom(p.ParameterType), $"{import.Name}({p.Name})"));
    });

    [Fact]
    public void A_bool_is_one_byte() => Assert.All(Imports, import =>
    {
        Assert.All(import.GetParameters().Append(import.ReturnParameter).Where(p => p.ParameterType == typeof(bool)),
            p => Assert.Equal(UnmanagedType.U1, p.GetCustomAttribute<MarshalAsAttribute>()?.Value));
    });

    [Fact]
    public void Structs_are_blittable_and_in_sequence() => Assert.All(Interop.Where(t => t.IsValueType && !t.IsEnum && !t.IsNested), type =>
    {
        Assert.True(type.IsLayoutSequential, type.Name);
        Assert.All(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic),
            f => Assert.True(
                f.FieldType is { IsPointer: true } or { IsFunctionPointer: true } or { IsValueType: true }
                && f.FieldType != typeof(bool) && f.FieldType != typeof(char),
                $"{type.Name}.{f.Name}"));
    });

    [Fact]
    public void Interop_types_stay_inside_the_project() => Assert.DoesNotContain(Interop, t => t.IsPublic);
}
