;;; ml-architect-lsp-mode.el --- ml-architect in Emacs with lsp-mode  -*- lexical-binding: t; -*-

;; For lsp-mode.  Copy this file into your `load-path' and add to your init file:
;;
;;   (require 'ml-architect-lsp-mode)
;;   (add-hook 'python-mode-hook #'lsp-deferred)
;;
;; ml-architect then runs beside your other Python server.
;;
;; Settings belong in pyproject.toml, table [tool.ml-architect].  What you set here holds over them:
;;
;;   (setq ml-architect-settings '(:preview t :ignore ["dataloader-no-workers"]))
;;
;; The log: buffer *ml-architect::stderr*; all messages: (setq lsp-log-io t), then M-x lsp-workspace-show-log.

;;; Code:

(require 'lsp-mode)

(defvar ml-architect-settings nil
  "Settings of ml-architect that hold over those of the project, as a plist.")

(lsp-register-client
 (make-lsp-client
  :new-connection (lsp-stdio-connection '("ml-architect" "server"))
  :activation-fn (lsp-activate-on "python")
  :initialization-options (lambda () ml-architect-settings)
  :server-id 'ml-architect
  :add-on? t))

(provide 'ml-architect-lsp-mode)
;;; ml-architect-lsp-mode.el ends here
