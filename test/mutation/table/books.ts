/** Mistakes in the books (UA-30 to UA-34). */
import { mutationsOf } from '../mutation.ts';

const ledger = mutationsOf('src/timing/ledger.ts');
const wait = mutationsOf('src/timing/wait.ts');
const inOrder = mutationsOf('src/timing/in-order.ts');

export const BOOKS = [
  ledger(
    'UA-30',
    'a run of charges goes on under another cause',
    'cause === this.cause &&',
    '',
    'The cause is the first of the set of causes, and that is compared too.',
  ),
  ledger('UA-33', 'a run of charges goes on with another instruction', 'id === this.id &&', ''),
  ledger(
    'UA-33',
    'a run of charges goes on with another producer',
    'producer === this.producer &&',
    '',
  ),
  ledger(
    'UA-33',
    'a run of charges goes on with another register',
    'register === this.register &&',
    '',
  ),
  ledger(
    'UA-33',
    'a run of charges goes on with other causes',
    '&&\n      causes === this.causes',
    '',
  ),
  ledger(
    'UA-34',
    'a run of charges has a cycle less',
    'cycles: this.next - this.start',
    'cycles: this.next - this.start - 1',
  ),
  ledger(
    'UA-34',
    'runs of charges overlap',
    'this.start = this.next;',
    'this.start = this.next - 1;',
  ),
  ledger(
    'UA-34',
    'a run of one cycle is lost',
    'if (this.next === this.start) return;',
    'if (this.next <= this.start + 1) return;',
  ),
  ledger('UA-34', 'the last runs are lost', 'for (const slot of this.slots) slot.close();', ''),
  ledger('UA-30', 'slots are numbered from 1', 'slot: this.slot,', 'slot: this.slot + 1,'),
  ledger(
    'UA-33',
    'only the cause that is charged is kept',
    'wait.register, wait.causes)',
    'wait.register, CAUSE_BIT[wait.cause])',
  ),
  ledger(
    'UA-33',
    'the register waited for is not kept',
    'wait.producer, wait.register,',
    'wait.producer, -1,',
  ),
  wait(
    'UA-30',
    'the last cause that holds is charged',
    'if (this.causes === 0) {',
    'if (this.causes >= 0) {',
  ),
  wait(
    'UA-33',
    'causes are kept from the cycle before',
    'this.causes |= CAUSE_BIT[cause];',
    'this.causes ^= CAUSE_BIT[cause];',
  ),
  inOrder(
    'UA-31',
    'an issue is charged as a wait',
    'if (this.issues) ledger',
    'if (this.issues && head.id > 0) ledger',
  ),
  inOrder(
    'UA-31',
    'a wait in ID is charged to nobody',
    'else ledger.chargeWait(0, head.id, this.wait);',
    'else return 0;',
  ),
];
