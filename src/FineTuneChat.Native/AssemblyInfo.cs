using System.Runtime.CompilerServices;

// Every signature is blittable as written, so the runtime converts no argument on the way to a native function.
[assembly: DisableRuntimeMarshalling]
