import { createBrowserRouter } from "react-router";

import { HomePage } from "../features/home/home-page";
import { BrokenRoute } from "./broken-page";
import { AdminsOnly, UsersOnly } from "./guards";
import { Layout } from "./layout";
import { NotFoundPage } from "./not-found-page";

/** The route table: every page of the app. What most visitors do not open is loaded when it is. */
export const router = createBrowserRouter([
  {
    Component: Layout,
    ErrorBoundary: BrokenRoute,
    children: [
      {
        // While the first page is loaded, the layout stands.
        hydrateFallbackElement: <></>,
        children: [
          { index: true, Component: HomePage },
          {
            path: "signup",
            lazy: async () => ({ Component: (await import("../features/signup/signup-page")).SignupPage }),
          },
          {
            path: "login",
            lazy: async () => ({ Component: (await import("../features/login/login-page")).LoginPage }),
          },
          {
            Component: UsersOnly,
            children: [
              {
                path: "timeline",
                lazy: async () => ({
                  Component: (await import("../features/timeline/timeline-page")).TimelinePage,
                }),
              },
              {
                path: "u/:username/:tab?",
                lazy: async () => ({
                  Component: (await import("../features/profile/profile-page")).ProfilePage,
                }),
              },
              {
                path: "protected",
                lazy: async () => ({
                  Component: (await import("../features/protected/protected-page")).ProtectedPage,
                }),
              },
              {
                path: "account",
                lazy: async () => ({
                  Component: (await import("../features/account/account-page")).AccountPage,
                }),
              },
            ],
          },
          {
            path: "admin",
            Component: AdminsOnly,
            children: [
              {
                lazy: async () => ({
                  Component: (await import("../features/admin/admin-layout")).AdminLayout,
                }),
                children: [
                  {
                    index: true,
                    lazy: async () => ({
                      Component: (await import("../features/admin/users-page")).UsersPage,
                    }),
                  },
                  {
                    path: "users/:id",
                    lazy: async () => ({ Component: (await import("../features/admin/user-page")).UserPage }),
                  },
                  {
                    path: "clients",
                    lazy: async () => ({
                      Component: (await import("../features/admin/clients-page")).ClientsPage,
                    }),
                  },
                  {
                    path: "keys",
                    lazy: async () => ({ Component: (await import("../features/admin/keys-page")).KeysPage }),
                  },
                  {
                    path: "audit",
                    lazy: async () => ({
                      Component: (await import("../features/admin/audit-page")).AuditPage,
                    }),
                  },
                ],
              },
            ],
          },
          { path: "*", Component: NotFoundPage },
        ],
      },
    ],
  },
]);
