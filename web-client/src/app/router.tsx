import { createBrowserRouter } from "react-router";

import { HomePage } from "../features/home/home-page";
import { BrokenApp, BrokenRoute } from "./broken-page";
import { AdminsOnly, UsersOnly } from "./guards";
import { Layout } from "./layout";
import { NotFoundPage } from "./not-found-page";
import { lazily } from "./pages";

/** The route table: every page of the app. What most visitors do not open is loaded when it is. */
export const router = createBrowserRouter([
  {
    Component: Layout,
    ErrorBoundary: BrokenApp,
    children: [
      {
        // While the first page is loaded, and when one breaks, the layout stands.
        hydrateFallbackElement: <></>,
        ErrorBoundary: BrokenRoute,
        children: [
          { index: true, Component: HomePage },
          {
            path: "signup",
            lazy: lazily(() => import("../features/signup/signup-page"), "SignupPage"),
          },
          {
            path: "login",
            lazy: lazily(() => import("../features/login/login-page"), "LoginPage"),
          },
          {
            Component: UsersOnly,
            children: [
              {
                path: "timeline",
                lazy: lazily(() => import("../features/timeline/timeline-page"), "TimelinePage"),
              },
              {
                path: "u/:username/:tab?",
                lazy: lazily(() => import("../features/profile/profile-page"), "ProfilePage"),
              },
              {
                path: "protected",
                lazy: lazily(() => import("../features/protected/protected-page"), "ProtectedPage"),
              },
              {
                path: "account",
                lazy: lazily(() => import("../features/account/account-page"), "AccountPage"),
              },
            ],
          },
          {
            path: "admin",
            Component: AdminsOnly,
            children: [
              {
                lazy: lazily(() => import("../features/admin/admin-layout"), "AdminLayout"),
                children: [
                  {
                    index: true,
                    lazy: lazily(() => import("../features/admin/users-page"), "UsersPage"),
                  },
                  {
                    path: "users/:id",
                    lazy: lazily(() => import("../features/admin/user-page"), "UserPage"),
                  },
                  {
                    path: "clients",
                    lazy: lazily(() => import("../features/admin/clients-page"), "ClientsPage"),
                  },
                  {
                    path: "keys",
                    lazy: lazily(() => import("../features/admin/keys-page"), "KeysPage"),
                  },
                  {
                    path: "audit",
                    lazy: lazily(() => import("../features/admin/audit-page"), "AuditPage"),
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
