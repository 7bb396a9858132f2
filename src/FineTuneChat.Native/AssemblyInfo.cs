using System.Runtime.CompilerServices;

// Signatures are blittable as written: no marshalling behind our back (style.md, interop habits).
[assembly: DisableRuntimeMarshalling]
