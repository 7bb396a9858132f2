using FineTuneChat.Templates.Runtime;

namespace FineTuneChat.Templates.Syntax;

// The syntax tree. Statements write text or set names; expressions have a value.

internal abstract record Node(Position Position);

internal abstract record Statement(Position Position) : Node(Position);

internal sealed record TextStatement(Position Position, TextValue Text) : Statement(Position);

internal sealed record OutputStatement(Position Position, Expression Value) : Statement(Position);

internal sealed record IfStatement(Position Position, IReadOnlyList<IfBranch> Branches, Block Else) : Statement(Position);

internal sealed record IfBranch(Expression Condition, Block Body);

internal sealed record ForStatement(Position Position, Target Target, Expression Items, Expression? Filter, bool IsRecursive, Block Body, Block Else)
    : Statement(Position);

internal sealed record SetStatement(Position Position, Target Target, Expression Value) : Statement(Position);

internal sealed record SetBlockStatement(Position Position, Target Target, IReadOnlyList<FilterCall> Filters, Block Body) : Statement(Position);

internal sealed record MacroStatement(Position Position, string Name, Signature Signature, Block Body) : Statement(Position);

internal sealed record CallStatement(Position Position, Call Call, Signature Signature, Block Body) : Statement(Position);

internal sealed record FilterStatement(Position Position, IReadOnlyList<FilterCall> Filters, Block Body) : Statement(Position);

/// <summary><c>with</c>, and <c>generation</c>, which is a scope without names of its own.</summary>
internal sealed record ScopeStatement(Position Position, IReadOnlyList<(Target Target, Expression Value)> Names, Block Body) : Statement(Position);

internal sealed record BreakStatement(Position Position) : Statement(Position);

internal sealed record ContinueStatement(Position Position) : Statement(Position);

internal sealed record Block(IReadOnlyList<Statement> Statements)
{
    public static Block Empty { get; } = new([]);
}

/// <summary>What a value is bound to: a name, several names, or a namespace's attribute.</summary>
internal abstract record Target(Position Position) : Node(Position);

internal sealed record NameTarget(Position Position, string Name) : Target(Position);

internal sealed record TupleTarget(Position Position, IReadOnlyList<Target> Items) : Target(Position);

internal sealed record AttributeTarget(Position Position, string Name, string Attribute) : Target(Position);

/// <summary>What a macro or a call block takes; more only when its body names <c>varargs</c> or <c>kwargs</c>.</summary>
internal sealed record Signature(IReadOnlyList<Parameter> Parameters, bool TakesVarargs, bool TakesKwargs);

internal sealed record Parameter(string Name, Expression? Default);

internal abstract record Expression(Position Position) : Node(Position);

internal sealed record Literal(Position Position, Value Value) : Expression(Position);

internal sealed record NameExpression(Position Position, string Name) : Expression(Position);

internal sealed record ListExpression(Position Position, IReadOnlyList<Expression> Items, bool IsTuple) : Expression(Position);

internal sealed record DictExpression(Position Position, IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression(Position);

internal sealed record AttributeExpression(Position Position, Expression Object, string Name) : Expression(Position);

internal sealed record SubscriptExpression(Position Position, Expression Object, Expression Key) : Expression(Position);

internal sealed record SliceExpression(Position Position, Expression Object, Expression? Start, Expression? Stop, Expression? Step) : Expression(Position);

internal sealed record Call(Position Position, Expression Function, IReadOnlyList<Argument> Arguments) : Expression(Position);

internal enum ArgumentKind
{
    Positional,
    Named,
    Spread,
    SpreadNamed,
}

internal sealed record Argument(ArgumentKind Kind, string? Name, Expression Value);

internal sealed record FilterCall(Position Position, string Name, IReadOnlyList<Argument> Arguments);

internal sealed record FilterExpression(Position Position, Expression Input, FilterCall Filter) : Expression(Position);

internal sealed record TestExpression(Position Position, Expression Input, string Name, IReadOnlyList<Argument> Arguments, bool IsNegated)
    : Expression(Position);

internal sealed record NotExpression(Position Position, Expression Operand) : Expression(Position);

internal sealed record SignExpression(Position Position, Expression Operand, bool IsNegative) : Expression(Position);

internal sealed record BinaryExpression(Position Position, string Operator, Expression Left, Expression Right) : Expression(Position);

internal sealed record LogicalExpression(Position Position, bool IsAnd, Expression Left, Expression Right) : Expression(Position);

/// <summary><c>a &lt; b &lt; c</c>: every neighbour pair holds; each operand is evaluated once.</summary>
internal sealed record ComparisonExpression(Position Position, Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest)
    : Expression(Position);

internal sealed record ConditionalExpression(Position Position, Expression Condition, Expression Then, Expression? Else) : Expression(Position);
