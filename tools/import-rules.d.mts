export declare const LAYERS: readonly (readonly string[])[];
export declare const ROOMS: Readonly<Record<string, readonly (readonly string[])[]>>;
export declare const pathOf: (file: string, specifier: string) => string | undefined;
export declare const isPure: (file: string) => boolean;
export declare const whyNot: (file: string, specifier: string) => string | undefined;
export declare const importRule: object;
