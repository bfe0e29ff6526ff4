;;; ml-architect-eglot.el --- ml-architect in Emacs with eglot  -*- lexical-binding: t; -*-

;; For Emacs 29 and later, which have eglot built in, and Emacs 26.3 to 28 with eglot 1.9 from ELPA.
;; Copy this file into your `load-path' and add to your init file:
;;
;;   (require 'ml-architect-eglot)
;;   (add-hook 'python-mode-hook #'eglot-ensure)
;;
;; eglot runs one server for each buffer; for several use lsp-mode and ml-architect-lsp-mode.el.
;;
;; Settings belong in pyproject.toml, table [tool.ml-architect].  What you set in .dir-locals.el holds over them:
;;
;;   ((python-mode . ((eglot-workspace-configuration . (:ml-architect (:preview t :ignore ["dataloader-no-workers"]))))))
;;
;; To repair on save what can be repaired safely:
;;
;;   (add-hook 'python-mode-hook
;;             (lambda () (add-hook 'before-save-hook #'ml-architect-fix-all nil t)))
;;
;; The log: M-x eglot-stderr-buffer; all messages: M-x eglot-events-buffer.

;;; Code:

(require 'eglot)

(add-to-list 'eglot-server-programs '(python-mode . ("ml-architect" "server")))
(when (fboundp 'python-ts-mode)
  (add-to-list 'eglot-server-programs '(python-ts-mode . ("ml-architect" "server"))))

(defun ml-architect-fix-all ()
  "Repair everything in this buffer that ml-architect can repair safely."
  (interactive)
  (when (eglot-managed-p)
    (ignore-errors ; there is nothing to repair
      (eglot-code-actions (point-min) (point-max) "source.fixAll.ml-architect" t))))

(provide 'ml-architect-eglot)
;;; ml-architect-eglot.el ends here
