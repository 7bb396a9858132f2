using System.Globalization;
using System.Reflection;

namespace FineTuneChat.Protocol.Configuration;

/// <summary>A setting that is an option, too.</summary>
internal sealed record OptionEntry(PropertyInfo Property, OptionAttribute Option);

/// <summary>The options of a class of settings, and the command line that hands its values to another process.</summary>
internal static class OptionTable
{
    /// <summary>In the order of the properties.</summary>
    public static IReadOnlyList<OptionEntry> Of<T>() => Cached<T>.Entries;

    /// <summary>The arguments that say these values; what is null is not said.</summary>
    public static IEnumerable<string> Arguments<T>(T values, Func<OptionAttribute, bool>? isMeant = null) =>
        from entry in Of<T>()
        where isMeant is null || isMeant(entry.Option)
        let value = entry.Property.GetValue(values)
        where value is not null
        from argument in (string[])[entry.Option.Flag, Text(value)]
        select argument;

    /// <summary>A value as settings and command lines write it.</summary>
    public static string Text(object value) => value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static class Cached<T>
    {
        public static readonly OptionEntry[] Entries =
        [
            .. from property in typeof(T).GetProperties()
               let option = property.GetCustomAttribute<OptionAttribute>()
               where option is not null
               select new OptionEntry(property, option),
        ];
    }
}
