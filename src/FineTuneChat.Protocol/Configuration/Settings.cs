using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace FineTuneChat.Protocol.Configuration;

/// <summary>
/// Reads a section of the settings, once, at the start; a wrong value stops it with key, value and what is allowed.
/// To add a setting: 1. a property with its default and its attributes on the section's class; 2. the same key and default in
/// <c>appsettings.json</c>; 3. a line in the README if users should know it. The environment overrides: <c>FINETUNECHAT__Section__Key</c>.
/// </summary>
internal static class Settings
{
    /// <summary>Every key of a section, those of inlined properties included.</summary>
    public static IEnumerable<PropertyInfo> Keys(Type section) => section.GetProperties()
        .Where(p => p.CanWrite && !p.IsDefined(typeof(System.Text.Json.Serialization.JsonExtensionDataAttribute)))
        .SelectMany(p => p.IsDefined(typeof(InlineAttribute)) ? Keys(p.PropertyType) : [p]);

    /// <param name="configuration">All settings.</param>
    /// <param name="section">The name of the section.</param>
    /// <param name="warn">Told of keys that go by an old name; the error stream where nothing is given.</param>
    /// <param name="subsections">Sections within it, which are read by themselves.</param>
    /// <exception cref="UserException">A key is unknown, or its value is of the wrong type or out of range.</exception>
    public static T Read<T>(IConfiguration configuration, string section, Action<string>? warn = null, params string[] subsections) where T : class, new()
    {
        PropertyInfo[] keys = [.. Keys(typeof(T))];
        var given = new Dictionary<string, string?>();
        foreach (IConfigurationSection entry in configuration.GetSection(section).GetChildren()
            .Where(e => !subsections.Contains(e.Key, StringComparer.OrdinalIgnoreCase)).OrderBy(e => IsOldName(keys, e.Key)))
        {
            PropertyInfo key = Find(keys, entry.Key)
                ?? throw new UserException($"Unknown setting {section}:{entry.Key}. {section} has: {string.Join(", ", keys.Select(p => p.Name))}.");
            if (IsOldName(keys, entry.Key))
            {
                (warn ?? Console.Error.WriteLine)(
                    $"Setting {section}:{entry.Key} is called {section}:{key.Name} now. The old name still works; please change it.");
                if (given.GetValueOrDefault(key.Name) is { } value && IsChanged<T>(key, value))
                    continue; // set by its new name, too: that counts
            }
            if (entry.Value is { } text && Fault(key, text) is { } fault)
                throw Wrong(section, key.Name, text, fault);
            given[key.Name] = entry.Value;
            foreach ((string path, string? part) in entry.AsEnumerable(makePathsRelative: true)) // of an array
                given[$"{key.Name}:{path}"] = part;
        }

        var settings = new T();
        Bind(new ConfigurationBuilder().AddInMemoryCollection(given).Build(), settings);
        return settings;
    }

    /// <summary>What is wrong with a value, given as text: "must be from 1 to 64"; null when nothing is.</summary>
    /// <param name="property">What it is for.</param>
    /// <param name="text">The value.</param>
    /// <param name="isZeroOpen">Whether zero leaves the value open where <see cref="ZeroIsOpenAttribute"/> says so.</param>
    public static string? Fault(PropertyInfo property, string text, bool isZeroOpen = true)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        if (!IsConvertible(text, type))
            return $"must be {Describe(type)}";
        object value = type.IsArray ? text : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
        isZeroOpen &= property.IsDefined(typeof(ZeroIsOpenAttribute));
        return Broken(property, value, isZeroOpen) is { } rule ? Allowed(rule, isZeroOpen) : null;
    }

    /// <summary>Whether the text is a value of the type, as settings write it.</summary>
    public static bool IsConvertible(string text, Type type)
    {
        if (type == typeof(int))
            return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        if (type == typeof(double))
            return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number);
        if (type == typeof(bool))
            return bool.TryParse(text, out _);
        return true;
    }

    /// <summary>A type in words.</summary>
    public static string Describe(Type type) =>
        type == typeof(int) ? "a whole number" : type == typeof(double) ? "a number with a decimal point, such as 0.5" : "true or false";

    private static PropertyInfo? Find(PropertyInfo[] keys, string name) =>
        Array.Find(keys, p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? Array.Find(keys, p => p.GetCustomAttribute<OldNameAttribute>()?.Name.Equals(name, StringComparison.OrdinalIgnoreCase) == true);

    private static bool IsOldName(PropertyInfo[] keys, string name) => !Array.Exists(keys, p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a value is another than the default: <c>appsettings.json</c> holds every default, so its being there says nothing.</summary>
    private static bool IsChanged<T>(PropertyInfo key, string text) where T : new()
    {
        object owner = new T();
        if (key.DeclaringType != typeof(T))
            owner = typeof(T).GetProperties().First(p => p.IsDefined(typeof(InlineAttribute)) && p.PropertyType == key.DeclaringType).GetValue(owner)!;
        return key.GetValue(owner) is not { } preset || !OptionTable.Text(preset).Equals(text, StringComparison.OrdinalIgnoreCase);
    }

    private static void Bind(IConfiguration given, object settings)
    {
        given.Bind(settings);
        foreach (PropertyInfo property in settings.GetType().GetProperties().Where(p => p.IsDefined(typeof(InlineAttribute))))
            Bind(given, property.GetValue(settings)!);
    }

    private static ValidationAttribute? Broken(PropertyInfo property, object value, bool isZeroOpen) =>
        isZeroOpen && Convert.ToDouble(value, CultureInfo.InvariantCulture) == 0
            ? null
            : property.GetCustomAttributes<ValidationAttribute>().FirstOrDefault(rule => !rule.IsValid(value));

    private static UserException Wrong(string section, string key, string? value, string allowed) => new(
        $"Setting {section}:{key} is '{value}', but it {allowed}. Correct it in appsettings.json, "
        + $"in the environment variable FINETUNECHAT__{section.Replace(":", "__", StringComparison.Ordinal)}__{key} or on the command line.");

    private static string Allowed(ValidationAttribute rule, bool isZeroOpen) => rule switch
    {
        RangeAttribute range =>
            string.Create(CultureInfo.InvariantCulture, $"must be from {range.Minimum} to {range.Maximum}") + (isZeroOpen ? ", or 0 to have it chosen" : ""),
        AllowedValuesAttribute allowed => $"must be one of {string.Join(", ", allowed.Values)}",
        RequiredAttribute => "must not be empty",
        _ => rule.FormatErrorMessage("value"),
    };
}
