import { useSearchParams } from "react-router";

import { take, useServers } from "../../../api/clients";
import { usePaged } from "../../../ui/paged";
import { adminKeys } from "../admin-keys";

const FILTERS = ["event", "actor", "subject"] as const;

/** What narrows the trail: an event by its name, who did it and whom it happened to by their ids. */
export type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

/** The filters, kept in the address. */
export function useFilters(): [Filters, (change: Filters) => void] {
  const [parameters, setParameters] = useSearchParams();
  const filters: Filters = {};
  for (const name of FILTERS) {
    const value = parameters.get(name);
    if (value !== null && value !== "") filters[name] = value;
  }
  const change = (changed: Filters) => setParameters({ ...changed }, { preventScrollReset: true });
  return [filters, change];
}

/** The filters but for one. */
export function withoutFilter(filters: Filters, name: keyof Filters): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([key]) => key !== name));
}

/** What the trail has, newest first. */
export function useAudit(filters: Filters) {
  const { auth } = useServers();
  return usePaged(adminKeys.audit(filters), (start, signal) =>
    take(auth.GET("/admin/audit", { params: { query: { ...start, ...filters } }, signal })),
  );
}
