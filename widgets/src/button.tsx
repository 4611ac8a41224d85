/** A button with a sign. */
import { Icon, type IconName } from "./icons";

interface ButtonProps {
  readonly label: string;
  readonly icon: IconName;
  readonly onClick: () => void;
  /** Shown beside the icon. */
  readonly text?: string;
  readonly hint?: string;
  readonly disabled?: boolean;
}

export function Button({ label, icon, onClick, text, hint, disabled = false }: ButtonProps) {
  return (
    <button
      type="button"
      class="sk-button"
      aria-label={label}
      title={hint ?? label}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {text ? <span>{text}</span> : null}
    </button>
  );
}
