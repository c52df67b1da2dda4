// Builds Docker Compose where it is missing, ahead of `npm run proof:compose`.
import { composeCommand } from './compose-plugin.ts';

const [command] = await composeCommand(console.log);
console.log(`compose: ${command}`);
